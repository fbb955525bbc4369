import RandomJSON
import SecretStorage
import Testing

struct KeyRepresentationTests {
    /// What mautrix (0.21.1) writes for these bytes.
    private let text = "EsSz ykH7 LCZx 7Cae cmKD wcmY JRXi Ybtu 8iQ3 t8Ez nRwK pUY1"
    private let key = [UInt8](0..<32)

    @Test func mautrixWritesTheSame() throws {
        #expect(KeyRepresentation.encode(key) == text)
        #expect(try KeyRepresentation.decode(text) == key)
    }

    @Test(arguments: [
        "EsSzykH7LCZx7CaecmKDwcmYJRXiYbtu8iQ3t8EznRwKpUY1",
        "  EsSz ykH7 LCZx 7Cae\n cmKD wcmY JRXi\tYbtu 8iQ3 t8Ez nRwK pUY1\r\n",
        "EsSz\u{A0}ykH7\u{3000}LCZx 7Cae cmKD wcmY JRXi Ybtu 8iQ3 t8Ez nRwK pUY1\u{200B}",
    ])
    func whiteSpaceDoesNotMatter(text: String) throws {
        #expect(try KeyRepresentation.decode(text) == key)
    }

    @Test func oneWrongCharacterIsNoticed() {
        let characters = Array(text.filter { $0 != " " })
        for index in characters.indices {
            var changed = characters
            changed[index] = changed[index] == "7" ? "8" : "7"
            #expect(throws: KeyRepresentation.Failure.self) { try KeyRepresentation.decode(String(changed)) }
        }
        var swapped = characters
        swapped.swapAt(20, 21)
        #expect(throws: KeyRepresentation.Failure.self) { try KeyRepresentation.decode(String(swapped)) }
    }

    @Test func failuresSayWhatIsWrong() {
        #expect(throws: KeyRepresentation.Failure.foreignCharacter) { try KeyRepresentation.decode(text + "0") }
        #expect(throws: KeyRepresentation.Failure.foreignCharacter) { try KeyRepresentation.decode("비밀번호") }
        #expect(throws: KeyRepresentation.Failure.wrongLength) { try KeyRepresentation.decode("") }
        #expect(throws: KeyRepresentation.Failure.wrongLength) { try KeyRepresentation.decode(text + "EsSz") }
        #expect(throws: KeyRepresentation.Failure.wrongLength) {
            try KeyRepresentation.decode(String(repeating: "z", count: 100_000))
        }
        #expect(throws: KeyRepresentation.Failure.mistyped) {
            try KeyRepresentation.decode(text.replacing("ykH7", with: "ykH8"))
        }
    }

    @Test func everyKeySurvives() throws {
        var generator = SeededGenerator.fresh()
        for _ in 0..<200 {
            let key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(try KeyRepresentation.decode(KeyRepresentation.encode(key)) == key, "SEED=\(generator.seed)")
        }
        for key in [[UInt8](repeating: 0, count: 32), [UInt8](repeating: 255, count: 32)] {
            #expect(try KeyRepresentation.decode(KeyRepresentation.encode(key)) == key)
        }
    }
}

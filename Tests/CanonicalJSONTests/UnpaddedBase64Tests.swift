import RandomJSON
import Testing
import UnpaddedBase64

struct UnpaddedBase64Tests {
    /// https://spec.matrix.org/v1.19/appendices/#unpadded-base64
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func examplesOfTheSpecification(text: String, encoded: String) {
        #expect(UnpaddedBase64.encode(text.utf8) == encoded)
        #expect(UnpaddedBase64.decode(encoded) == Array(text.utf8))
    }

    @Test func theAlphabetsDifferInTwoCharacters() {
        let bytes: [UInt8] = [0xFB, 0xFF, 0xBF]
        #expect(UnpaddedBase64.encode(bytes) == "+/+/")
        #expect(UnpaddedBase64.encode(bytes, alphabet: .urlSafe) == "-_-_")
        #expect(UnpaddedBase64.decode("-_-_", alphabet: .urlSafe) == bytes)
        #expect(UnpaddedBase64.decode("-_-_") == nil)
        #expect(UnpaddedBase64.decode("+/+/", alphabet: .urlSafe) == nil)
    }

    @Test func paddingIsAccepted() {
        #expect(UnpaddedBase64.decode("Zg==") == Array("f".utf8))
        #expect(UnpaddedBase64.decode("Zm8=") == Array("fo".utf8))
    }

    /// As in the key of https://spec.matrix.org/v1.19/appendices/#signing-key.
    @Test func bitsBeyondTheLastByteAreIgnored() {
        #expect(UnpaddedBase64.decode("Zh") == UnpaddedBase64.decode("Zg"))
        #expect(UnpaddedBase64.decode("Zm9") == UnpaddedBase64.decode("Zm8"))
    }

    @Test(arguments: ["Z", "Zm9vY", "Z g", "Zg\n", "Zgé", "=", "Z=g"])
    func textThatNoBytesEncodeToIsRefused(text: String) {
        #expect(UnpaddedBase64.decode(text) == nil)
    }

    @Test func randomBytesSurviveTheRoundTrip() {
        var generator = SeededGenerator.fresh()
        for count in 0..<100 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            for alphabet in [UnpaddedBase64.Alphabet.standard, .urlSafe] {
                let text = UnpaddedBase64.encode(bytes, alphabet: alphabet)
                #expect(UnpaddedBase64.decode(text, alphabet: alphabet) == bytes, "SEED=\(generator.seed)")
            }
        }
    }
}

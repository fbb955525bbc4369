import CanonicalJSON
import KeyBackup
import Primitives
import Testing
import UnpaddedBase64

struct SessionExportTests {
    private func file(_ body: String) -> [UInt8] {
        Array("-----BEGIN MEGOLM SESSION DATA-----\n\(body)\n-----END MEGOLM SESSION DATA-----\n".utf8)
    }

    /// matrix-nio 0.26.0.
    private let nio = """
        AQEGCxAVGh8kKS4zOD1CR0wBBgsQFRofJCkuMzg9QkdMAAAD6DWQB9BuXceMfhSupVjh6RetJ2lR0fuflYmSYRl/aCHEhpWSFGGLs83zJ9EXwe\
        a8Lm1vWPgwlU5z0ZXToG16NjBiziQ0qBYlS7xZN8ivt/I
        """
    private let sessions: [JSONObject] = [["room_id": "!r:example.org", "session_id": "s"]]

    @Test func matrixNioIsRead() throws {
        #expect(try SessionExport.decrypt(file(nio), passphrase: "a passphrase") == sessions)
        let crlf = Array("note above\r\n".utf8) + file(nio).flatMap { $0 == 10 ? [13, 10] : [$0] }
        #expect(try SessionExport.decrypt(crlf, passphrase: "a passphrase") == sessions)
        #expect(throws: SessionExportError.wrongPassphrase) {
            try SessionExport.decrypt(file(nio), passphrase: "another")
        }
    }

    /// The vector that matrix-js-sdk and Element have in their tests: the word "plain", which is no list of sessions.
    @Test func elementsVectorIsDecrypted() {
        let body =
            "AXNhbHRzYWx0c2FsdHNhbHSIiIiIiIiIiIiIiIiIiIiIAAAACmIRUW2OjZ3L2l6j9h0lHlV3M2dx\ncissyYBxjsfsAndErh065A8="
        #expect(throws: SessionExportError.malformed) { try SessionExport.decrypt(file(body), passphrase: "password") }
        let ours = SessionExport.encrypt(
            Array("plain".utf8), passphrase: "password", salt: Array("saltsaltsaltsalt".utf8),
            iv: [UInt8](repeating: 0x88, count: 16), rounds: 10)
        #expect(ours == file(body))
    }

    @Test func whatWeWriteWeRead() throws {
        let random = RandomSource { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) } }
        let many = (0..<20).map { number -> JSONObject in
            ["room_id": "!방:example.org", "session_id": .string("session\(number)"), "session_key": "AQ"]
        }
        for sessions in [[], many] {
            let file = SessionExport.encrypt(sessions, passphrase: "열려라 참깨", rounds: 1000, random: random)
            #expect(try SessionExport.decrypt(file, passphrase: "열려라 참깨") == sessions)
            let lines = file.split(separator: 10)
            #expect(lines.allSatisfy { $0.count <= 76 })
        }
    }

    @Test func damagedFilesAreRefused() throws {
        let good = file(nio)
        // Salt, vector, ciphertext and code; the rounds have a test of their own.
        for index in [40, 60, 75, 100, 140, 180] {
            var changed = good
            changed[index] = changed[index] == 65 ? 66 : 65
            #expect(throws: SessionExportError.wrongPassphrase) {
                try SessionExport.decrypt(changed, passphrase: "a passphrase")
            }
        }
        for text in ["", "AQ==", "Ag==", "!!!!", String(repeating: "A", count: 92)] {
            #expect(throws: SessionExportError.self) { try SessionExport.decrypt(file(text), passphrase: "p") }
        }
        #expect(throws: SessionExportError.malformed) {
            try SessionExport.decrypt(Array(good.dropLast(30)), passphrase: "a passphrase")
        }
        #expect(throws: SessionExportError.malformed) { try SessionExport.decrypt([], passphrase: "") }
    }

    @Test func roundsHaveBounds() {
        for rounds in [0, 10_000_001, Int(UInt32.max)] {
            var bytes: [UInt8] = [1] + [UInt8](repeating: 0, count: 32)
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: rounds >> shift)) }
            bytes += [UInt8](repeating: 0, count: 34)
            #expect(throws: SessionExportError.roundsOutOfBounds) {
                try SessionExport.decrypt(file(base64(bytes)), passphrase: "p")
            }
        }
    }

    private func base64(_ bytes: [UInt8]) -> String { UnpaddedBase64.encode(bytes) }
}

import CanonicalJSON
import Primitives
import UnpaddedBase64

/// Why a file of exported sessions could not be read.
public enum SessionExportError: Error, Equatable, Sendable {
    /// Not such a file, or cut off.
    case malformed
    case unsupportedVersion
    /// More rounds than ``SessionExport/acceptedRounds``.
    case roundsOutOfBounds
    /// The passphrase is wrong, or somebody changed the file.
    case wrongPassphrase
}

/// Files of sessions under a passphrase, which other clients read and write too.
///
/// https://spec.matrix.org/v1.19/client-server-api/#key-exports
public enum SessionExport {
    /// What a file may ask of us; a million take about a second.
    public static let acceptedRounds = 1...10_000_000
    public static let defaultRounds = 500_000

    private static let header = "-----BEGIN MEGOLM SESSION DATA-----"
    private static let footer = "-----END MEGOLM SESSION DATA-----"
    private static let charactersInLine = 76

    /// - Parameters:
    ///   - sessions: `ExportedSessionData` each.
    ///   - rounds: at least 100,000 says the specification.
    /// - Returns: the file's text.
    public static func encrypt(
        _ sessions: [JSONObject], passphrase: String, rounds: Int = defaultRounds, random: RandomSource
    ) -> [UInt8] {
        let salt = random.bytes(16)
        var iv = random.bytes(16)
        iv[8] &= 0x7F
        return encrypt(
            JSONValue.array(sessions.map { .object($0) }).bytes(), passphrase: passphrase, salt: salt, iv: iv,
            rounds: rounds)
    }

    package static func encrypt(
        _ plaintext: [UInt8], passphrase: String, salt: [UInt8], iv: [UInt8], rounds: Int
    ) -> [UInt8] {
        let keys = Keys(passphrase: passphrase, salt: salt, rounds: rounds)
        var bytes: [UInt8] = [1]
        bytes += salt
        bytes += iv
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: rounds >> shift)) }
        bytes += AES256CTR.apply(plaintext, key: keys.key, counter: iv)
        bytes += HMACSHA256.authenticate(bytes, key: keys.codeKey)
        var text = Array((header + "\n").utf8)
        let encoded = Array(UnpaddedBase64.encode(bytes).utf8)
        // Others want the padding that the specification does not mention.
        let padded = encoded + [UInt8](repeating: UInt8(ascii: "="), count: (4 - encoded.count % 4) % 4)
        for start in stride(from: 0, to: padded.count, by: charactersInLine) {
            text += padded[start..<min(start + charactersInLine, padded.count)]
            text.append(UInt8(ascii: "\n"))
        }
        text += (footer + "\n").utf8
        return text
    }

    private struct Keys {
        let key: [UInt8]
        let codeKey: [UInt8]

        init(passphrase: String, salt: [UInt8], rounds: Int) {
            let bytes = PBKDF2SHA512.derive(
                password: Array(passphrase.utf8), salt: salt, rounds: rounds, count: 64)
            key = Array(bytes[..<32])
            codeKey = Array(bytes[32...])
        }
    }

    /// - Parameter file: bounded by the caller, who has it in memory.
    /// - Returns: the objects in it; whether each is a session is for the importer to see.
    public static func decrypt(_ file: [UInt8], passphrase: String) throws(SessionExportError) -> [JSONObject] {
        let bytes = try body(of: file)
        // Version, salt, vector, rounds; at the end the code.
        guard let version = bytes.first else { throw .malformed }
        guard version == 1 else { throw .unsupportedVersion }
        guard bytes.count >= 37 + 32 else { throw .malformed }
        let rounds = bytes[33..<37].reduce(0) { $0 << 8 | Int($1) }
        guard acceptedRounds.contains(rounds) else { throw .roundsOutOfBounds }
        let keys = Keys(passphrase: passphrase, salt: Array(bytes[1..<17]), rounds: rounds)
        let end = bytes.count - 32
        guard
            constantTimeEqual(
                HMACSHA256.authenticate(Array(bytes[..<end]), key: keys.codeKey), Array(bytes[end...]))
        else { throw .wrongPassphrase }
        let plaintext = AES256CTR.apply(Array(bytes[37..<end]), key: keys.key, counter: Array(bytes[17..<33]))
        let parsed: JSONValue
        do throws(JSONError) { parsed = try JSONParser.parse(plaintext) } catch { throw .malformed }
        guard let sessions = parsed.arrayValue else { throw .malformed }
        return sessions.compactMap { $0.objectValue }
    }

    /// The bytes between the two lines, wherever the file's line ends are.
    private static func body(of file: [UInt8]) throws(SessionExportError) -> [UInt8] {
        var isInside = false
        var characters: [UInt8] = []
        var isComplete = false
        for line in file.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            var line = line
            while let last = line.last, last == 0x20 || last == 0x09 { line.removeLast() }
            while let first = line.first, first == 0x20 || first == 0x09 { line.removeFirst() }
            if !isInside {
                isInside = line.elementsEqual(header.utf8)
            } else if line.elementsEqual(footer.utf8) {
                isComplete = true
                break
            } else {
                characters += line
            }
        }
        guard isComplete, let bytes = UnpaddedBase64.decode(String(decoding: characters, as: UTF8.self)) else {
            throw .malformed
        }
        return bytes
    }
}

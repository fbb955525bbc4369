import Foundation
import MatrixClient
import Primitives

/// What opens a store.
public enum StoreKeySource: Sendable {
    /// The person types it at each start. Nobody can open the file without it, and who forgets it has lost the store.
    case passphrase(String)
    /// A file of 32 random bytes that only its owner may read (mode 0600); made when it is missing and the store is
    /// new. Protects a copied store, not one that is copied with its key.
    case keyFile(path: String)
}

extension StoreKeySource {
    static let saltBytes = 16
    /// About a third of a second on a phone of today.
    static let rounds = 300_000

    /// - Parameters:
    ///   - salt: kept in the store.
    ///   - isNew: whether the store is empty.
    func masterKey(salt: [UInt8], rounds: Int, isNew: Bool, random: RandomSource) throws(ClientError) -> [UInt8] {
        switch self {
        case .passphrase(let passphrase):
            guard !passphrase.isEmpty else { throw ClientError(.invalidRequest, "the passphrase is empty") }
            return PBKDF2SHA512.derive(password: Array(passphrase.utf8), salt: salt, rounds: rounds, count: 32)
        case .keyFile(let path):
            if let key = FileManager.default.contents(atPath: path) {
                guard key.count == 32 else { throw ClientError(.store, "\(path) is no key file") }
                try Self.checkMode(path)
                return Array(key)
            }
            guard isNew else { throw ClientError(.store, "the key file \(path) is missing") }
            let key = random.bytes(32)
            try Self.write(key, to: path)
            return key
        }
    }

    private static func checkMode(_ path: String) throws(ClientError) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue, mode & 0o077 == 0 else {
            throw ClientError(.store, "others may read the key file \(path); make it yours alone: chmod 600")
        }
    }

    /// Whole or not at all, and never readable by others, not even for a moment.
    private static func write(_ key: [UInt8], to path: String) throws(ClientError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw ClientError(.store, "the key file \(path) cannot be made") }
        defer { close(descriptor) }
        let written = key.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        guard written == key.count, fsync(descriptor) == 0 else {
            unlink(path)
            throw ClientError(.store, "the key file \(path) cannot be written")
        }
    }
}

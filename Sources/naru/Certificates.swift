import Configuration
import Foundation
import HTTPServing
import Logging
import Synchronization

/// The certificates of the listeners, read again at SIGHUP and when their files change.
final class Certificates: Sendable {
    private struct Entry {
        let identity: TLSIdentity
        var version: [Date?]
    }

    private let entries: Mutex<[Entry]>
    private let logger: Logger

    /// - Throws: ``ConfigurationFaults`` when a certificate cannot be used.
    init(_ listeners: [ListenerText], logger: Logger) throws {
        var entries: [Entry] = []
        for files in listeners.compactMap(\.tls) where !entries.contains(where: { $0.identity.files == files }) {
            do {
                entries.append(Entry(identity: try TLSIdentity(files: files), version: Self.version(of: files)))
            } catch {
                throw ConfigurationFaults("listen: \(error).")
            }
        }
        self.entries = Mutex(entries)
        self.logger = logger
    }

    func identity(of files: TLSFiles?) -> TLSIdentity? {
        guard let files else { return nil }
        return entries.withLock { $0.first { $0.identity.files == files }?.identity }
    }

    /// - Parameter onlyChanged: whether files that look as they did are left alone.
    func reload(onlyChanged: Bool) {
        entries.withLock { entries in
            for index in entries.indices {
                let identity = entries[index].identity
                let version = Self.version(of: identity.files)
                if onlyChanged, version == entries[index].version { continue }
                // Remembered also when it fails: the same broken file is complained of once.
                entries[index].version = version
                do {
                    try identity.reload()
                    logger.notice("certificate read", metadata: ["file": "\(identity.files.certificate)"])
                } catch {
                    logger.error(
                        "the new certificate cannot be used; the present one stays", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private static func version(of files: TLSFiles) -> [Date?] {
        [files.certificate, files.key].map { path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return attributes?[.modificationDate] as? Date
        }
    }
}

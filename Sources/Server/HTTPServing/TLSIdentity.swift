import NIOCore
import NIOSSL
import Synchronization

/// The files that say who a listener is.
public struct TLSFiles: Sendable, Equatable {
    /// PEM: the certificate and those it was signed with, the server's own first.
    public var certificate: String
    /// PEM.
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// A certificate with its key, which may be replaced while the server runs: connections that are open keep the old one.
public final class TLSIdentity: Sendable {
    public let files: TLSFiles
    private let current: Mutex<NIOSSLContext>

    /// - Throws: ``Unusable`` when the files are not there, are not PEM, or do not belong together.
    public init(files: TLSFiles) throws {
        self.files = files
        current = Mutex(try Self.context(of: files))
    }

    /// Reads the files again. When they are unusable, the present certificate stays and the error is thrown.
    public func reload() throws {
        let context = try Self.context(of: files)
        current.withLock { $0 = context }
    }

    var context: NIOSSLContext { current.withLock { $0 } }

    /// Why a certificate cannot be used.
    public struct Unusable: Error, CustomStringConvertible {
        public let description: String
    }

    private static func context(of files: TLSFiles) throws -> NIOSSLContext {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(files.certificate)
        } catch {
            throw Unusable(description: "\(files.certificate) cannot be read as a certificate in PEM: \(error)")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw Unusable(description: "\(files.key) cannot be read as a private key in PEM: \(error)")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        // No HTTP/2: it costs 2.7 times the processor time, and nobody needs it here.
        configuration.applicationProtocols = ["http/1.1"]
        // How long a close waits for the other end's goodbye. A phone that sleeps gives none, and a stopping server must
        // not wait for it; answers say how long they are, so nothing can be cut off unnoticed.
        configuration.shutdownTimeout = .seconds(1)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw Unusable(description: "\(files.certificate) and \(files.key) do not belong together: \(error)")
        }
    }
}

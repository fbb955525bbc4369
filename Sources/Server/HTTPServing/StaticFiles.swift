import Foundation
import MatrixAPI

/// The web client's files, read into memory at start.
public struct StaticFiles: Sendable {
    private struct File: Sendable {
        let contentType: String
        let bytes: [UInt8]
        let gzip: [UInt8]?
        let tag: String
        /// Names with a hash of the content in them never change.
        let isImmutable: Bool
    }

    private let files: [String: File]

    /// A folder larger than this is not a web client.
    private static let maximumFolderBytes = 64 << 20

    /// Reads all files below `folder`; `name.gz` beside `name` is its compressed form.
    public init(folder: String) throws {
        let root = URL(fileURLWithPath: folder, isDirectory: true).standardizedFileURL
        var contents: [String: [UInt8]] = [:]
        var total = 0
        guard let walker = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
        else { throw CocoaError(.fileReadNoSuchFile) }
        for case let url as URL in walker {
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            let bytes = try [UInt8](Data(contentsOf: url))
            total += bytes.count
            guard total <= Self.maximumFolderBytes else { throw CocoaError(.fileReadTooLarge) }
            contents["/" + url.standardizedFileURL.path.dropFirst(root.path.count + 1)] = bytes
        }
        files = Dictionary(
            uniqueKeysWithValues: contents.filter { !$0.key.hasSuffix(".gz") }.map { path, bytes in
                (
                    path,
                    File(
                        contentType: Self.contentType(of: path), bytes: bytes, gzip: contents[path + ".gz"],
                        tag: "\"\(Self.checksum(of: bytes))\"",
                        isImmutable: path.contains(/-[A-Z0-9]{8}\.[a-z]+$/))
                )
            })
    }

    /// The answer, when there is such a file. `/` is `/index.html`.
    public func respond(to request: HTTPRequest) -> HTTPResponse? {
        guard request.method == "GET" || request.method == "HEAD",
            let file = files[request.path == "/" ? "/index.html" : request.path]
        else { return nil }
        var headers =
            Self.securityHeaders + [
                ("ETag", file.tag),
                ("Cache-Control", file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache"),
                ("Vary", "Accept-Encoding"),
            ]
        if request.header("if-none-match") == file.tag { return HTTPResponse(status: 304, headers: headers) }
        headers.append(("Content-Type", file.contentType))
        if let gzip = file.gzip, request.header("accept-encoding")?.contains("gzip") == true {
            return HTTPResponse(status: 200, headers: headers + [("Content-Encoding", "gzip")], body: gzip)
        }
        return HTTPResponse(status: 200, headers: headers, body: file.bytes)
    }

    /// Nothing from elsewhere runs, loads or frames the client.
    private static let securityHeaders: [(name: String, value: String)] = [
        (
            "Content-Security-Policy",
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
                + "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
                + "require-trusted-types-for 'script'"
        ),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]

    private static func contentType(of path: String) -> String {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "json": "application/json"
        case "webmanifest": "application/manifest+json"
        case "wasm": "application/wasm"
        case "woff2": "font/woff2"
        default: "application/octet-stream"
        }
    }

    /// FNV-1a: tells versions of a file apart, which is all that an entity tag is for.
    private static func checksum(of bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}

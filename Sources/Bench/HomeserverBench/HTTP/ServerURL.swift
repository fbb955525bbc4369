/// Where the homeserver listens: `http://host:port`.
package struct ServerURL: Sendable, Equatable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package var description: String { "http://\(authority)" }
    /// What stands in a request's `Host` header.
    package var authority: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Reads `http://host`, `http://host:port` or `http://[address]:port`, with or without a final slash.
    package init(_ text: String) throws(BenchError) {
        let scheme = "http://"
        guard !text.hasPrefix("https://") else {
            throw BenchError(.invalidOption, "\(text): https is not supported; give the server's plain http listener")
        }
        guard text.hasPrefix(scheme) else {
            throw BenchError(.invalidOption, "\(text) is not a URL like http://127.0.0.1:8008")
        }
        var authority = text.dropFirst(scheme.count)
        if authority.hasSuffix("/") { authority.removeLast() }
        let (host, port) = Self.split(authority)
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isAllowedInHost), let port, (1...65_535).contains(port) else {
            throw BenchError(.invalidOption, "\(text) is not a URL like http://127.0.0.1:8008")
        }
        self.host = String(host)
        self.port = port
    }

    private static func split(_ authority: Substring) -> (host: Substring, port: Int?) {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            let host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            if rest.isEmpty { return (host, 80) }
            return (host, rest.hasPrefix(":") ? Int(rest.dropFirst()) : nil)
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, 80) }
        return (authority[..<colon], Int(authority[authority.index(after: colon)...]))
    }

    private static func isAllowedInHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }
}

/// An absolute `http` or `https` URL, taken apart; nothing in it can end a line of a request.
public struct OutgoingURL: Hashable, Sendable, CustomStringConvertible {
    public enum Scheme: String, Sendable {
        case http, https
    }

    public let scheme: Scheme
    /// A name in lower case, or an address without brackets.
    public let host: String
    public let port: Int
    /// Beginning with `/`, without the query.
    public let path: String
    /// What stands after `?`; nil without one.
    public let query: String?

    private static let maximumByteCount = 4_096

    /// Nil for what is no such URL, and for user names, passwords, fragments and characters that would have to be
    /// escaped: whoever gives us a URL to call has no use for them, and they are how parsers get deceived.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumByteCount, let mark = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased()),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}#".utf8.contains($0) })
        else { return nil }
        let rest = text[mark.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<end]) else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port ?? (scheme == .https ? 443 : 80)
        let target = rest[end...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = target.first.map { $0.isEmpty ? "/" : String($0) } ?? "/"
        query = target.count > 1 ? String(target[1]) : nil
    }

    private static func authority(_ text: Substring) -> (host: String, port: Int?)? {
        let host: Substring
        var port: Int?
        var rest = text[text.endIndex...]
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close]
            guard host.contains(":"), IPAddress(String(host)) != nil else { return nil }
            rest = text[text.index(after: close)...]
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            guard isName(host) else { return nil }
            rest = text[colon...]
        }
        if !rest.isEmpty {
            guard rest.first == ":", rest.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(rest.dropFirst()), (1...65_535).contains(number)
            else { return nil }
            port = number
        }
        return (host.lowercased(), port)
    }

    private static func isName(_ host: Substring) -> Bool {
        (1...253).contains(host.utf8.count)
            && host.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "-._".utf8.contains(byte)
            }
    }

    /// The address, when the host is one instead of a name.
    public var address: IPAddress? { IPAddress(host) }

    /// Host and port as in the header `Host`: a port is named only when it is not the scheme's own.
    public var authority: String {
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return port == (scheme == .https ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Path and query, as in the first line of a request.
    public var target: String { path + (query.map { "?\($0)" } ?? "") }

    public var description: String { "\(scheme.rawValue)://\(authority)\(target)" }
}

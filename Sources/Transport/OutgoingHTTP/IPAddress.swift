#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The bytes of an IPv4 or IPv6 address, in network order.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16. An IPv4 address that is written as IPv6 (`::ffff:127.0.0.1`) has 4: it leads to the same machine.
    public let bytes: [UInt8]

    /// - Parameter bytes: 4 or 16.
    init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self.bytes = bytes
        case 16: self.bytes = bytes.starts(with: Self.mappedPrefix) ? Array(bytes.suffix(4)) : bytes
        default: return nil
        }
    }

    /// The address that the text spells, `192.0.2.1` or `2001:db8::1`; nil for names and for other spellings.
    public init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.init(bytes: Array(bytes.prefix(4)))
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.init(bytes: bytes)
        } else {
            return nil
        }
    }

    public var isIPv4: Bool { bytes.count == 4 }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(isIPv4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
    /// https://www.rfc-editor.org/rfc/rfc6052#section-2.1
    private static let translatedPrefix: [UInt8] = [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]

    /// Where a NAT64 translator of an IPv6-only network would connect for this address: what is forbidden directly must
    /// not be reached through it.
    var translatedIPv4: IPAddress? {
        bytes.count == 16 && bytes.starts(with: Self.translatedPrefix) ? IPAddress(bytes: Array(bytes.suffix(4))) : nil
    }
}

/// The addresses that begin with the same bits: `10.0.0.0/8`, or a single address.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    private let prefix: [UInt8]
    private let bitCount: Int

    /// Nil when the text is no range in CIDR notation.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        prefix = address.bytes
        guard parts.count == 2 else {
            bitCount = prefix.count * 8
            return
        }
        guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(parts[1]), count <= prefix.count * 8
        else { return nil }
        bitCount = count
    }

    public var description: String { (IPAddress(bytes: prefix)?.description ?? "?") + "/\(bitCount)" }

    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == prefix.count else { return false }
        let whole = bitCount / 8
        guard address.bytes.prefix(whole).elementsEqual(prefix.prefix(whole)) else { return false }
        let rest = bitCount % 8
        guard rest > 0 else { return true }
        return (address.bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0
    }
}

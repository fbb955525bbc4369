/// Which addresses the server may connect to when a stranger names the destination.
///
/// Whoever may make a server send requests must not reach through it what only the server can reach: its own machine,
/// its network, the cloud provider's metadata. What may be reached is the public Internet and what the operator allows.
public struct AddressPolicy: Sendable {
    /// Allowed although they are not public.
    public let allowedRanges: [AddressRange]

    public init(allowedRanges: [AddressRange] = []) { self.allowedRanges = allowedRanges }

    public func allows(_ address: IPAddress) -> Bool {
        if isAllowedByOperator(address) { return true }
        if let translated = address.translatedIPv4 { return allows(translated) }
        if address.isIPv4 { return !Self.refusedIPv4.contains { $0.contains(address) } }
        return Self.globalIPv6.contains { $0.contains(address) }
            && !Self.refusedIPv6.contains { $0.contains(address) }
    }

    /// Whether the operator has named the address, so that he knows who is there.
    public func isAllowedByOperator(_ address: IPAddress) -> Bool { allowedRanges.contains { $0.contains(address) } }

    /// https://www.iana.org/assignments/iana-ipv4-special-registry/, with multicast and what is reserved.
    private static let refusedIPv4 = ranges(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4")

    /// All that is given out for the public Internet: loopback, link-local, unique local and multicast are outside.
    private static let globalIPv6 = ranges("2000::/3")

    /// https://www.iana.org/assignments/iana-ipv6-special-registry/: Teredo and its neighbours, documentation, 6to4.
    private static let refusedIPv6 = ranges("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

    private static func ranges(_ texts: String...) -> [AddressRange] {
        texts.map { text in
            guard let range = AddressRange(text) else { preconditionFailure("\(text) is no range") }
            return range
        }
    }
}

/// The address of who asks, when a proxy stands between.
package enum ForwardedAddress {
    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - hops: the addresses in `X-Forwarded-For`, in order.
    ///   - trustedProxies: the peers that are believed. Each proxy appends the address that it saw, so
    ///     the last one that is not a proxy of ours is the client; what stands before it, the client has made up.
    package static func client(
        peer: String, hops: @autoclosure () -> [Substring], trustedProxies: Set<String>
    ) -> String {
        guard trustedProxies.contains(peer) else { return peer }
        for hop in hops().reversed() {
            guard isAddress(hop) else { return peer }
            if !trustedProxies.contains(String(hop)) { return String(hop) }
        }
        return peer
    }

    private static func isAddress(_ text: Substring) -> Bool {
        (2...45).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x46, 0x61...0x66, UInt8(ascii: "."), UInt8(ascii: ":"): true
                default: false
                }
            }
    }
}

import HTTPServing
import Testing

@Suite struct ForwardedAddressTests {
    @Test(arguments: [
        // Nobody else is believed.
        ("198.51.100.7", ["203.0.113.1"], "198.51.100.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.1"], "203.0.113.1"),
        ("127.0.0.1", ["2001:db8::7"], "2001:db8::7"),
        // What stands before the last stranger, the client has made up.
        ("127.0.0.1", ["1.1.1.1", "203.0.113.1"], "203.0.113.1"),
        // A chain of proxies of ours.
        ("127.0.0.1", ["1.1.1.1", "203.0.113.1", "192.0.2.9"], "203.0.113.1"),
        ("127.0.0.1", ["192.0.2.9"], "127.0.0.1"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.1", ""], "127.0.0.1"),
        ("127.0.0.1", [String(repeating: "1", count: 60)], "127.0.0.1"),
    ])
    func theClientIsWhomTheLastTrustedProxySaw(peer: String, hops: [String], client: String) {
        let found = ForwardedAddress.client(
            peer: peer, hops: hops.map { $0[...] }, trustedProxies: ["127.0.0.1", "192.0.2.9"])
        #expect(found == client)
    }
}

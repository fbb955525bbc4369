import OutgoingHTTP
import Testing

@Suite struct AddressPolicyTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.255.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.9.9.9",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.1.2.3", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "fc00::1", "fdff::1",
        "fe80::1", "fec0::1", "ff02::1", "4000::1",
    ])
    func whatIsNotPublicIsRefused(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy().allows(address))
    }

    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
        "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700::1111", "2a00::1", "2001:4860::8888",
    ])
    func whatIsPublicIsAllowed(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy().allows(address))
    }

    @Test func theOperatorAllowsMore() throws {
        let ranges = try ["127.0.0.0/8", "fd00::/8", "10.1.2.3"].map { try #require(AddressRange($0)) }
        let policy = AddressPolicy(allowedRanges: ranges)
        for text in ["127.0.0.1", "::ffff:127.0.0.1", "fd12::1", "10.1.2.3", "64:ff9b::7f00:1", "8.8.8.8"] {
            #expect(policy.allows(try #require(IPAddress(text))), "\(text)")
        }
        for text in ["10.1.2.4", "fc00::1", "128.0.0.1"] {
            let address = try #require(IPAddress(text))
            #expect(!policy.isAllowedByOperator(address), "\(text)")
        }
        #expect(!policy.allows(try #require(IPAddress("10.1.2.4"))))
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "localhost", "10/8",
    ])
    func whatIsNoRangeIsNone(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func rangesEndInTheMiddleOfBytes() throws {
        let range = try #require(AddressRange("172.16.0.0/12"))
        for (text, isIn) in [("172.16.0.0", true), ("172.31.9.9", true), ("172.32.0.0", false), ("::1", false)] {
            #expect(range.contains(try #require(IPAddress(text))) == isIn, "\(text)")
        }
        #expect(try #require(AddressRange("0.0.0.0/0")).contains(try #require(IPAddress("9.9.9.9"))))
        #expect(range.description == "172.16.0.0/12")
    }
}

@Suite struct OutgoingURLTests {
    @Test func partsAreFound() throws {
        let url = try #require(OutgoingURL("HTTPS://Push.Example.ORG:8443/_matrix/push/v1/notify?a=b?c"))
        #expect(url.scheme == .https)
        #expect(url.host == "push.example.org")
        #expect(url.port == 8443)
        #expect(url.path == "/_matrix/push/v1/notify")
        #expect(url.query == "a=b?c")
        #expect(url.authority == "push.example.org:8443")
        #expect(url.target == "/_matrix/push/v1/notify?a=b?c")
        let plain = try #require(OutgoingURL("http://[2001:db8::1]"))
        #expect(plain.port == 80)
        #expect(plain.target == "/")
        #expect(plain.authority == "[2001:db8::1]")
        #expect(plain.address == IPAddress("2001:db8::1"))
        #expect(OutgoingURL("https://a?b")?.target == "/?b")
        #expect(OutgoingURL("https://a:443/x")?.authority == "a")
    }

    @Test(arguments: [
        "", "example.org", "ftp://example.org/", "https://", "https:///x", "https://a:b@c/",
        "https://user@example.org/",
        "https://example.org:0/", "https://example.org:65536/", "https://example.org:x/", "https://exa mple.org/",
        "https://example.org/\r\nHost: x", "https://example.org/#f", "https://[::1/", "https://[1.2.3.4]/",
        "https://[::1]x/", "https://exämple.org/", "https://a/\u{0}", "https://a\\@b/", "https:/a", "//a/b",
    ])
    func whatIsNoURLIsNone(_ text: String) {
        #expect(OutgoingURL(text) == nil)
    }
}

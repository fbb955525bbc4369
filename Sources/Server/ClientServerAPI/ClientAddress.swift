import HTTPServing

/// Where a client is.
enum ClientAddress {
    /// The other end of the connection, or where the proxy on this machine says that the request came from. Other
    /// machines are not believed: anybody can write the header.
    static func of(_ request: HTTPRequest) -> String {
        guard ["127.0.0.1", "::1"].contains(request.remoteAddress),
            let forwarded = request.header("x-forwarded-for")?.split(separator: ",").last
        else { return request.remoteAddress }
        let address = forwarded.utf8.filter { $0 != 0x20 }
        // As long as an IPv6 address with an IPv4 one in it, which is the longest there is.
        guard (2...45).contains(address.count) else { return request.remoteAddress }
        return String(decoding: address, as: UTF8.self)
    }
}

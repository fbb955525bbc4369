import NIOCore

/// Composes whole HTTP/1.1 requests as bytes.
package struct HTTPRequestBytes: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    package let authority: String

    package init(authority: String) { self.authority = authority }

    /// One request, ready to be written.
    ///
    /// - Parameter path: with its query, percent-encoded already.
    package func request(_ method: Method, _ path: String, accessToken: String?, body: [UInt8]? = nil) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeString(head(method, path, accessToken: accessToken, bodyLength: body?.count))
        if let body { buffer.writeBytes(body) }
        return buffer
    }

    /// Everything up to and with the empty line.
    package func head(_ method: Method, _ path: String, accessToken: String?, bodyLength: Int?) -> String {
        "\(method.rawValue) \(path)" + headAfterPath(accessToken: accessToken, bodyLength: bodyLength)
    }

    /// What follows the path, for whoever composes paths that differ in their last part only.
    package func headAfterPath(accessToken: String?, bodyLength: Int?) -> String {
        var head = " HTTP/1.1\r\nHost: \(authority)\r\nUser-Agent: naru-bench\r\nAccept: application/json\r\n"
        if let accessToken { head += "Authorization: Bearer \(accessToken)\r\n" }
        if let bodyLength { head += "Content-Type: application/json\r\nContent-Length: \(bodyLength)\r\n" }
        return head + "\r\n"
    }
}

/// Text as one segment of a path or one value of a query (RFC 3986: everything but unreserved characters is escaped).
package func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            bytes.append(byte)
        default:
            bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

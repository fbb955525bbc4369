import HTTPServing

/// A place to listen as operators write it: `127.0.0.1:8008`, or `[::]:8448;tls;certificate=FILE;key=FILE`, or
/// `address=::;port=8448;tls=on;certificate=FILE;key=FILE`.
package struct ListenerText: Sendable, Equatable {
    package var address: String
    /// 0 takes any free port.
    package var port: Int
    /// Nil: plain HTTP.
    package var tls: TLSFiles?

    package init(address: String, port: Int, tls: TLSFiles? = nil) {
        self.address = address
        self.port = port
        self.tls = tls
    }

    package init(_ text: String) throws(OptionFault) {
        var fields: [String: String] = [:]
        for (index, part) in text.split(separator: ";").enumerated() {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            switch (index, pair.count) {
            case (_, 2): fields[pair[0]] = pair[1]
            case (0, 1): try Self.parse(pair[0], into: &fields)
            case (_, 1) where pair[0] == "tls": fields["tls"] = "on"
            default: throw OptionFault("has '\(part)', which is no name=value")
            }
        }
        let known = ["address", "port", "tls", "certificate", "key"]
        if let name = fields.keys.sorted().first(where: { !known.contains($0) }) {
            throw OptionFault("has '\(name)'; there are \(known.joined(separator: ", "))")
        }
        guard let address = fields["address"], !address.isEmpty else { throw OptionFault("names no address") }
        guard let port = fields["port"].flatMap({ Int($0) }), (0...65_535).contains(port) else {
            throw OptionFault("has no port from 0 to 65535")
        }
        self.init(address: address, port: port, tls: try Self.tls(fields))
    }

    /// `address:port`, with an IPv6 address in brackets.
    private static func parse(_ text: String, into fields: inout [String: String]) throws(OptionFault) {
        guard let colon = text.lastIndex(of: ":") else { throw OptionFault("has no port; it is written address:port") }
        var address = String(text[..<colon])
        if address.hasPrefix("["), address.hasSuffix("]") {
            address = String(address.dropFirst().dropLast())
        } else if address.contains(":") {
            throw OptionFault("must have an IPv6 address in brackets, as [::1]:8008")
        }
        fields["address"] = address
        fields["port"] = String(text[text.index(after: colon)...])
    }

    private static func tls(_ fields: [String: String]) throws(OptionFault) -> TLSFiles? {
        let isWanted = ["on", "true", "yes"].contains(fields["tls"] ?? "")
        switch (isWanted, fields["certificate"], fields["key"]) {
        case (true, .some(let certificate), .some(let key)): return TLSFiles(certificate: certificate, key: key)
        case (true, _, _): throw OptionFault("wants TLS, so it needs certificate=FILE and key=FILE")
        case (false, nil, nil): return nil
        case (false, _, _): throw OptionFault("has a certificate or a key, but not tls")
        }
    }

    /// Whether only this machine can reach it.
    package var isLocal: Bool { address.hasPrefix("127.") || ["::1", "localhost"].contains(address) }
}

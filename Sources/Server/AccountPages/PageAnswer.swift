import HTTPServing

/// What a page answers: a document, or another address.
struct PageAnswer {
    var status = 200
    var title = ""
    var body: HTML = .nothing
    /// Where the browser goes instead.
    var location: String?
    var headers: [(name: String, value: String)] = []
    /// Addresses that the page's form may lead to, besides ours: browsers hold redirects after a form to this list.
    var formTargets: [String] = []
    /// A script of ours with the nonce that lets it run.
    var nonce: String?

    static func page(_ title: String, _ body: HTML, status: Int = 200) -> PageAnswer {
        PageAnswer(status: status, title: title, body: "<h1>\(title)</h1>\n\(body)")
    }

    /// - Parameter status: 303 has the browser ask with GET, whatever it asked with before.
    static func redirect(to location: String, status: Int = 303) -> PageAnswer {
        PageAnswer(status: status, location: location)
    }

    func response(to call: PageCall, serverName: String) -> HTTPResponse {
        let scripts = nonce.map { "'nonce-\($0)'" } ?? "'none'"
        let targets = (["'self'"] + formTargets).joined(separator: " ")
        var headers: [(name: String, value: String)] = [
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; img-src 'self'; script-src \(scripts); form-action \(targets); "
                    + "base-uri 'none'; frame-ancestors 'none'"
            ),
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
            // Addresses hold codes that nobody else is to learn.
            ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
            ("Vary", "Accept-Language, Cookie"),
        ]
        headers += call.seedHeaders + self.headers
        if let location {
            headers.append(("Location", location))
            return HTTPResponse(status: status, headers: headers)
        }
        headers.append(("Content-Type", "text/html; charset=utf-8"))
        headers.append(("Content-Language", call.texts.languageTag))
        let document = PageLayout.document(title: title, body: body, texts: call.texts, serverName: serverName)
        return HTTPResponse(status: status, headers: headers, body: Array(document.text.utf8))
    }
}

/// What every page has around it.
enum PageLayout {
    private static let emblem = HTML(
        markup: """
            <svg viewBox="0 0 96 96" aria-hidden="true"><rect width="96" height="96" rx="26" fill="#2b2f55"/>\
            <circle cx="66" cy="30" r="9" fill="#ffb4a2"/>\
            <path d="M45 19c1-1.5 3-.9 3 .9V54H27.5c-1.6 0-2.5-1.8-1.6-3.1Z" fill="#fff"/>\
            <path d="M53 33.5c0-1.5 1.9-2.2 2.8-1L69 51.2c.9 1.2 0 2.8-1.4 2.8H53Z" fill="#bcd3ff"/>\
            <path d="M20 59.5h56c1.5 0 2.4 1.6 1.6 2.9-4 6.3-9.6 9.8-16.8 9.8H35.2c-7.2 0-12.8-3.5-16.8-9.8-.8-1.3.1-2.9 \
            1.6-2.9Z" fill="#ff8a73"/>\
            <path d="M20 79c4.7 0 4.7 3 9.3 3s4.7-3 9.4-3 4.6 3 9.3 3 4.7-3 9.3-3 4.7 3 9.4 3 4.6-3 9.3-3" fill="none" \
            stroke="#7fc8d8" stroke-width="3.5" stroke-linecap="round"/></svg>
            """)

    static func document(title: String, body: HTML, texts: PageTexts, serverName: String) -> HTML {
        """
        <!doctype html>
        <html lang="\(texts.languageTag)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>\(title) – \(texts.productName)</title>
        <link rel="stylesheet" href="\(Stylesheet.address)">
        </head>
        <body>
        <div class="brand">\(emblem)<span>\(texts.productName)</span></div>
        <main>
        \(body)
        </main>
        <footer>\(serverName)</footer>
        </body>
        </html>
        """
    }
}

/// The parts that forms are made of. Each field has a label; what is wrong with it is said beside it and tied to it.
enum FormPart {
    /// - Parameters:
    ///   - attributes: further ones, such as `autocomplete`.
    ///   - error: what is wrong with what was entered.
    static func field(
        _ name: String, label: String, type: String = "text", value: String = "", attributes: HTML = .nothing,
        help: String? = nil, error: String? = nil, isCode: Bool = false
    ) -> HTML {
        let described = [help.map { _ in "\(name)-help" }, error.map { _ in "\(name)-error" }].compactMap { $0 }
        let description: HTML =
            described.isEmpty ? .nothing : " aria-describedby=\"\(described.joined(separator: " "))\""
        let invalid: HTML = error == nil ? .nothing : " aria-invalid=\"true\" autofocus"
        let helpLine: HTML = help.map { "<p class=\"help\" id=\"\(name)-help\">\($0)</p>" } ?? .nothing
        let errorLine: HTML = error.map { "<p class=\"error\" id=\"\(name)-error\">\($0)</p>" } ?? .nothing
        return """
            <div class="field\(isCode ? " code" : "")">
            <label for="\(name)">\(label)</label>
            <input id="\(name)" name="\(name)" type="\(type)" value="\(value)" required\(attributes)\(description)\(invalid)>
            \(errorLine)\(helpLine)
            </div>
            """
    }

    static func password(_ name: String, label: String, isNew: Bool, help: String? = nil, error: String? = nil) -> HTML
    {
        field(
            name, label: label, type: "password",
            attributes: isNew
                ? " autocomplete=\"new-password\" minlength=\"8\" maxlength=\"512\""
                : " autocomplete=\"current-password\"",
            help: help, error: error)
    }

    static func button(_ label: String, name: String = "", value: String = "", style: String = "primary") -> HTML {
        let naming: HTML = name.isEmpty ? .nothing : " name=\"\(name)\" value=\"\(value)\""
        return "<button class=\"button \(style)\"\(naming)>\(label)</button>"
    }

    static func notice(_ text: String?, style: String = "bad") -> HTML {
        text.map { "<p class=\"notice \(style)\" role=\"\(style == "bad" ? "alert" : "status")\">\($0)</p>" }
            ?? .nothing
    }

    static func facts(_ facts: [(term: String, value: String, isIdentifier: Bool)]) -> HTML {
        "<dl class=\"facts\">\(facts.map { "<div><dt>\($0.term)</dt><dd\($0.isIdentifier ? " class=\"identifier\"" : HTML.nothing)>\($0.value)</dd></div>" as HTML })</dl>"
    }

    static func person(name: String, userID: String) -> HTML {
        """
        <div class="person"><span class="initial" aria-hidden="true">\(String(name.prefix(1)))</span>\
        <div><span class="name">\(name)</span><span class="identifier">\(userID)</span></div></div>
        """
    }
}

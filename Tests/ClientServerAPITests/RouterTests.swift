import HTTPServing
import MatrixAPI
import Testing

@Suite struct RouterTests {
    private func match(_ method: String, _ path: String) -> String {
        var router = Router<String>()
        for (method, template) in [
            ("GET", "/a"), ("POST", "/a"), ("GET", "/a/{x}"), ("GET", "/a/fixed"), ("PUT", "/a/{x}/b/{y}"),
            ("GET", "/a/fixed/c"), ("GET", "/s/{t}/{k}"), ("GET", "/s/{t}"), ("PUT", "/n/{one}"), ("GET", "/n/{two}"),
        ] {
            router.add(method: method, template: template, value: template)
        }
        switch router.match(method: method, path: path) {
        case .found(let template, let parameters):
            let values = ["x", "y", "t", "k", "one", "two"].compactMap { name in
                template.contains("{\(name)}") ? "\(name)=\(parameters[name])" : nil
            }
            return ([template] + values).joined(separator: " ")
        case .methodNotAllowed: return "method"
        case .notFound: return "none"
        case .malformed: return "malformed"
        }
    }

    /// Rule 1.
    @Test(arguments: [
        ("GET", "/a", "/a"), ("POST", "/a", "/a"), ("PUT", "/a", "method"), ("HEAD", "/a", "/a"),
        ("GET", "/a/1", "/a/{x} x=1"), ("GET", "/a/fixed", "/a/fixed"), ("POST", "/a/1", "method"),
        // A literal that leads nowhere does not hide the parameter.
        ("PUT", "/a/fixed/b/2", "/a/{x}/b/{y} x=fixed y=2"), ("PUT", "/a/1/b/2", "/a/{x}/b/{y} x=1 y=2"),
        ("GET", "/a/1/b", "none"), ("GET", "/b", "none"), ("GET", "", "none"), ("GET", "/", "none"),
        ("GET", "a", "none"),
        ("GET", "/s/t/", "/s/{t}/{k} t=t k="), ("GET", "/s/t/k", "/s/{t}/{k} t=t k=k"), ("GET", "/s//k", "none"),
        ("GET", "/s/t/k/", "none"), ("GET", "/a%2F1", "none"), ("GET", "/a/x%2Fy", "/a/{x} x=x/y"),
        ("GET", "/a/%ED%95%9C", "/a/{x} x=한"), ("GET", "/a/a+b", "/a/{x} x=a+b"), ("GET", "/a/%", "malformed"),
        ("GET", "/a/%4", "malformed"), ("GET", "/a/%C3", "malformed"), ("PUT", "/n/1", "/n/{one} one=1"),
        ("GET", "/n/1", "/n/{two} two=1"), ("DELETE", "/n/1", "method"),
    ])
    func pathsFindTheirTemplates(method: String, path: String, expected: String) {
        #expect(match(method, path) == expected)
    }

    @Test(arguments: ["", "a b", "ä/ö?", "100%", "+&=", "한글 🍵", "\u{0}"]) func encodingIsUndone(text: String) {
        let encoded = PercentEncoding.encode(text)
        #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?&=+".utf8.contains($0) })
        #expect(QueryParameters("k=\(encoded)")["k"] == text)
    }

    @Test func queriesAreForms() {
        let query = QueryParameters("a=1&b=x+y%26z&a=2&flag&empty=&=v&bad=%zz&c=a=b")
        #expect(query["a"] == "1")
        #expect(query.all("a") == ["1", "2"])
        #expect(query["b"] == "x y&z")
        #expect(query["flag"] == "")
        #expect(query["empty"] == "")
        #expect(query["bad"] == nil)
        #expect(query["c"] == "a=b")
        #expect(query["none"] == nil)
        #expect(QueryParameters("").all("") == [])
    }
}

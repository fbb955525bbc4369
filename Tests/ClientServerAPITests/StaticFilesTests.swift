import Foundation
import HTTPServing
import ServerUnderTest
import Testing

@Suite struct StaticFilesTests {
    private func withFiles(_ body: (StaticFiles) throws -> Void) throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("sub"), withIntermediateDirectories: true)
        for (name, text) in [
            ("index.html", "<html>"), ("app-1A2B3C4D.js", "code"), ("app-1A2B3C4D.js.gz", "zipped"),
            ("sub/x.css", "css"),
            ("unknown.zzz", "z"),
        ] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
        }
        try body(try StaticFiles(folder: folder.path))
    }

    private func get(
        _ path: String, from files: StaticFiles, method: String = "GET", headers: [(String, String)] = []
    ) -> Answer? {
        files.respond(to: HTTPRequest(method: method, path: path, headers: headers)).map(Answer.init)
    }

    @Test func filesHaveTheirTypes() throws {
        try withFiles { files in
            #expect(get("/", from: files)?.text == "<html>")
            #expect(get("/index.html", from: files)?.headers["content-type"] == "text/html; charset=utf-8")
            #expect(get("/sub/x.css", from: files)?.headers["content-type"] == "text/css; charset=utf-8")
            #expect(get("/unknown.zzz", from: files)?.headers["content-type"] == "application/octet-stream")
            #expect(get("/index.html", from: files)?.headers["x-content-type-options"] == "nosniff")
            #expect(
                get("/index.html", from: files)?.headers["content-security-policy"]?.contains("default-src 'self'")
                    == true)
        }
    }

    @Test(arguments: [
        "/none", "/sub", "/sub/", "/../index.html", "/sub/../index.html", "//index.html", "/app-1A2B3C4D.js.gz", "",
    ])
    func nothingElseIsGiven(path: String) throws {
        try withFiles { files in
            #expect(get(path, from: files) == nil)
            #expect(get("/index.html", from: files, method: "POST") == nil)
        }
    }

    @Test func cachesAreUsed() throws {
        try withFiles { files in
            let first = try #require(get("/index.html", from: files))
            #expect(first.headers["cache-control"] == "no-cache")
            let tag = try #require(first.headers["etag"])
            let again = try #require(get("/index.html", from: files, headers: [("If-None-Match", tag)]))
            #expect(again.status == 304)
            #expect(again.text.isEmpty)
            #expect(get("/index.html", from: files, headers: [("If-None-Match", "\"x\"")])?.status == 200)
            #expect(get("/app-1A2B3C4D.js", from: files)?.headers["cache-control"]?.contains("immutable") == true)
            let zipped = try #require(get("/app-1A2B3C4D.js", from: files, headers: [("Accept-Encoding", "br, gzip")]))
            #expect(zipped.text == "zipped")
            #expect(zipped.headers["content-encoding"] == "gzip")
            #expect(get("/app-1A2B3C4D.js", from: files)?.text == "code")
        }
    }
}

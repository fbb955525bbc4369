import MatrixIdentifiers
import Testing

/// https://spec.matrix.org/v1.19/appendices/#identifier-grammar
struct ServerNameTests {
    @Test(arguments: [
        "matrix.org", "matrix.org:8888", "1.2.3.4", "1.2.3.4:1234", "[1234:5678::abcd]", "[1234:5678::abcd]:5678",
        "localhost", "xn--bcher-kva.example", "MATRIX.ORG",
    ])
    func validNames(name: String) { #expect(ServerName(name)?.string == name) }

    @Test(arguments: [
        "", ":8888", "matrix.org:", "matrix.org:123456", "matrix.org:80a", "[::1", "[]", "[g::1]", "a b",
        "bücher.example",
        "a/b", "a@b", "[::1]x", "matrix.org\u{301}", String(repeating: "a", count: 231),
    ])
    func invalidNames(name: String) { #expect(ServerName(name) == nil) }

    @Test func caseMatters() { #expect(ServerName("matrix.org") != ServerName("MATRIX.ORG")) }
}

struct UserIDTests {
    @Test func partsAreTakenApart() throws {
        let user = try #require(UserID("@alice:example.org:8448"))
        #expect(user.localpart == "alice")
        #expect(user.serverName == ServerName("example.org:8448"))
    }

    /// Rule 16.
    @Test(arguments: ["@Alice:x", "@a b:x", "@:x", "@é:x", "@\u{301}a:x", "@한글:x", "@a!$%:x", "@a\n:x"])
    func historicalLocalpartsAreAccepted(string: String) throws {
        let user = try #require(UserID(string))
        #expect(user.serverName == ServerName("x"))
        #expect(UserID(localpart: user.localpart, serverName: user.serverName) == nil, "nobody new is called so")
    }

    @Test(arguments: ["", "@", "@a", "@a:", "a:x", "#a:x", "@a\u{0}:x", "@a:\u{301}x", "@a:b c", "@a:x:y"])
    func malformedIDsAreRefused(string: String) { #expect(UserID(string) == nil) }

    /// Rule 21.
    @Test func theWholeIDHasAtMost255Bytes() {
        #expect(UserID("@" + String(repeating: "a", count: 252) + ":x") != nil)
        #expect(UserID("@" + String(repeating: "a", count: 253) + ":x") == nil)
        #expect(UserID("@" + String(repeating: "é", count: 127) + ":x") == nil, "bytes count, not characters")
    }

    /// Rule 16.
    @Test func newLocalpartsFollowTodaysGrammar() throws {
        let server = try #require(ServerName("x"))
        #expect(UserID(localpart: "a-z_0.9=/+", serverName: server)?.string == "@a-z_0.9=/+:x")
        #expect(UserID(localpart: "", serverName: server) == nil)
    }

    @Test func complianceIsPrintableASCII() throws {
        #expect(try #require(UserID("@A!:x")).isCompliant)
        for string in ["@:x", "@é:x", "@a b:x"] { #expect(try !#require(UserID(string)).isCompliant) }
    }

    @Test func canonicallyEquivalentIDsAreTwoUsers() throws {
        let composed = try #require(UserID("@\u{E9}:x"))
        let decomposed = try #require(UserID("@e\u{301}:x"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }
}

struct RoomIDTests {
    @Test func earlierVersionsNameTheServer() {
        #expect(RoomID("!opaque:example.org")?.serverName == ServerName("example.org"))
        #expect(RoomID("!\u{301}é:example.org")?.serverName == ServerName("example.org"))
    }

    /// Rule 39.
    @Test func version12NamesNoServer() throws {
        let room = try #require(RoomID("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"))
        #expect(room.serverName == nil)
    }

    @Test(arguments: [
        "", "!", "opaque:x", "$a:x", "!a:", "!a:b c", "!a\u{0}:x", "!a b", "!é", "!a:\u{301}x:y", "!\u{301}ab",
    ])
    func malformedIDsAreRefused(string: String) { #expect(RoomID(string) == nil) }

    @Test func theWholeIDHasAtMost255Bytes() {
        #expect(RoomID("!" + String(repeating: "a", count: 254)) != nil)
        #expect(RoomID("!" + String(repeating: "a", count: 255)) == nil)
        #expect(RoomID("!" + String(repeating: "a", count: 253) + ":x") == nil)
    }
}

struct RoomAliasTests {
    @Test func partsAreTakenApart() throws {
        let alias = try #require(RoomAlias("#한글 방:example.org"))
        #expect(alias.localpart == "한글 방")
        #expect(alias.serverName == ServerName("example.org"))
    }

    /// Rule 34.
    @Test(arguments: ["", "#:x", "#a", "a:x", "#a\u{0}:x", "#a:\u{301}:x"])
    func malformedAliasesAreRefused(string: String) { #expect(RoomAlias(string) == nil) }
}

struct EventIDTests {
    @Test(arguments: ["$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg", "$0:domain"])
    func validIDs(string: String) { #expect(EventID(string)?.string == string) }

    @Test(arguments: ["", "$", "a", "!a", "$a b", "$é", "$a\u{0}"])
    func malformedIDsAreRefused(string: String) { #expect(EventID(string) == nil) }

    @Test func theWholeIDHasAtMost255Bytes() {
        #expect(EventID("$" + String(repeating: "a", count: 254)) != nil)
        #expect(EventID("$" + String(repeating: "a", count: 255)) == nil)
    }
}

struct ByteExactStringTests {
    @Test func canonicallyEquivalentStateKeysAreTwo() {
        let state = [StateTuple("m", "\u{E9}"): 1, StateTuple("m", "e\u{301}"): 2]
        #expect(state.count == 2)
        #expect(state[StateTuple("m", "\u{E9}")] == 1)
    }
}

import HomeserverBench
import Testing

@Suite struct OptionsTests {
    @Test func theDefaultsAreValid() throws {
        try SendOptions().validate()
        try FanOutOptions().validate()
        try IdleOptions().validate()
    }

    @Test(
        arguments: [
            { $0.userCount = 0 }, { $0.userCount = 10_001 }, { $0.extent = .seconds(0) },
            { $0.extent = .seconds(.nan) },
            { $0.extent = .seconds(.infinity) }, { $0.extent = .messages(0) }, { $0.warmUpSeconds = -1 },
            { $0.journalPath = "" },
        ] as [@Sendable (inout SendOptions) -> Void])
    func senselessSendOptionsAreRefused(change: @Sendable (inout SendOptions) -> Void) {
        var options = SendOptions()
        change(&options)
        let error = #expect(throws: BenchError.self) { try options.validate() }
        #expect(error?.code == .invalidOption)
    }

    @Test(
        arguments: [
            { $0.memberCount = 0 }, { $0.senderCount = 0 }, { $0.messagesPerSecond = -1 },
            { $0.messagesPerSecond = .nan }, { $0.seconds = 0 }, { $0.warmUpSeconds = 601 }, { $0.drainSeconds = -1 },
        ] as [@Sendable (inout FanOutOptions) -> Void])
    func senselessFanOutOptionsAreRefused(change: @Sendable (inout FanOutOptions) -> Void) {
        var options = FanOutOptions()
        change(&options)
        let error = #expect(throws: BenchError.self) { try options.validate() }
        #expect(error?.code == .invalidOption)
    }

    @Test(
        arguments: [
            { $0.connectionCount = 0 }, { $0.userCount = 0 }, { $0.connectionCount = 5 }, { $0.serverProcessID = 0 },
            { $0.wakeLimitSeconds = 0 },
        ] as [@Sendable (inout IdleOptions) -> Void])
    func senselessIdleOptionsAreRefused(change: @Sendable (inout IdleOptions) -> Void) {
        var options = IdleOptions()
        change(&options)
        let error = #expect(throws: BenchError.self) { try options.validate() }
        #expect(error?.code == .invalidOption)
    }

    @Test(arguments: [
        ("http://127.0.0.1:8008", "http://127.0.0.1:8008"), ("http://localhost:8008/", "http://localhost:8008"),
        ("http://example.org", "http://example.org:80"), ("http://[::1]:8008", "http://[::1]:8008"),
        ("http://[::1]", "http://[::1]:80"),
    ])
    func addressesAreRead(text: String, meaning: String) throws {
        #expect(try ServerURL(text).description == meaning)
    }

    @Test(arguments: [
        "", "localhost:8008", "https://localhost", "http://", "http://:8008", "http://h:0", "http://h:65536",
        "http://h:x", "http://h:1/path", "http://user@h:1", "http://h\r\nX: y", "http://[::1]x",
    ])
    func otherAddressesAreRefused(text: String) {
        #expect(throws: BenchError.self) { try ServerURL(text) }
    }
}

import CanonicalJSON
import HomeserverBench
import NIOCore
import Testing

@Suite struct ReportTests {
    private struct Sample: BenchReport {
        let title = "sample"
        let rows = [
            ReportRow("users", key: "users", integer: 16),
            ReportRow("latency p99", key: "p99_milliseconds", number: 12.3456, places: 3, unit: "ms"),
            ReportRow("memory", key: "memory_bytes", absent: "unknown"),
        ]
        let failure: String? = nil
    }

    @Test func aTableIsAligned() {
        #expect(Sample().table == "sample\n  users        16\n  latency p99  12.346 ms\n  memory       unknown")
    }

    @Test func theJSONObjectNamesItsUnits() throws {
        #expect(Sample().json == #"{"failure":null,"memory_bytes":null,"p99_milliseconds":12.346,"users":16}"#)
    }

    @Test func numbersAreRounded() {
        #expect(decimal(0, places: 1) == "0.0")
        #expect(decimal(1.05, places: 0) == "1")
        #expect(decimal(2.996, places: 2) == "3.00")
        #expect(decimal(-0.04, places: 1) == "0.0")
        #expect(decimal(-1.26, places: 1) == "-1.3")
        #expect(decimal(.infinity, places: 1) == "0")
    }

    @Test func errorsAreListedMostFrequentFirst() {
        var tally = ErrorTally()
        #expect(tally.summary == "none")
        tally.record(BenchError(.timedOut, "x"))
        tally.record(status: 500)
        tally.record(status: 500)
        #expect(tally.summary == "2 × HTTP 500, 1 × timed out")
        #expect(tally.total == 3)
    }
}

@Suite struct ProcessFiguresTests {
    @Test func memoryIsReadFromItsLine() {
        let text = "00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss:  900 kB\nPss:\t 1234 kB\nPss_Dirty: 5 kB\n"
        #expect(ProcessFigures.kilobytes("Pss:", in: text) == 1234)
        #expect(ProcessFigures.kilobytes("VmRSS:", in: text) == nil)
    }

    @Test func processorTimeIsReadPastAnyName() {
        let text = "12 (odd) name)) S 1 12 12 0 -1 4194560 100 0 0 0 250 31 0 0 20 0 3 0 100 1 2\n"
        #expect(ProcessFigures.ticks(inStat: text) == 281)
        #expect(ProcessFigures.ticks(inStat: "12 (x) S 1") == nil)
    }
}

@Suite struct RequestBytesTests {
    private let requests = HTTPRequestBytes(authority: "h:8008")

    @Test func aRequestIsWhole() {
        let request = requests.request(.put, "/p", accessToken: "t", body: Array("{}".utf8))
        #expect(
            String(buffer: request)
                == "PUT /p HTTP/1.1\r\nHost: h:8008\r\nUser-Agent: naru-bench\r\nAccept: application/json\r\n"
                + "Authorization: Bearer t\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
    }

    @Test func pathsAreEncoded() {
        #expect(percentEncoded("!a/b:h?é") == "%21a%2Fb%3Ah%3F%C3%A9")
        #expect(percentEncoded("aZ09-._~") == "aZ09-._~")
    }

    @Test func aMessageIsJSONOfThePromisedLength() throws {
        let mark = MessageMark(run: "abcd2345", sender: 1, sequence: 2, sentNanoseconds: 3)
        let template = MessageTemplate(
            requests: requests, session: MatrixSession(userID: "@u:h", accessToken: "t"), roomID: "!r:h",
            textLength: mark.text.utf8.count)
        var buffer = ByteBuffer()
        template.write(transactionID: "x-1", text: mark.text, to: &buffer)
        let text = String(buffer: buffer)
        #expect(text.hasPrefix("PUT /_matrix/client/v3/rooms/%21r%3Ah/send/m.room.message/x-1 HTTP/1.1\r\n"))
        #expect(text.contains("Content-Length: \(MessageTemplate.contentLength)\r\n"))
        let body = text.utf8.suffix(MessageTemplate.contentLength)
        let content = try JSONParser.parse(Array(body)).objectValue
        #expect(content?["body"]?.stringValue.flatMap(MessageMark.init(text:)) == mark)
    }
}

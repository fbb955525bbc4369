import HomeserverBench
import Testing

@Suite struct MessageMarkTests {
    @Test func aMarkIsReadFromTheBeginningOfAText() {
        let mark = MessageMark(run: "abcd2345", sender: 3, sequence: 41, sentNanoseconds: 1_234_567_890_123)
        #expect(mark.text == "naru-bench/abcd2345/000003/0000000041/00000001234567890123/")
        #expect(MessageMark(text: mark.text) == mark)
        #expect(MessageMark(text: mark.text + "나루 naru ...") == mark)
    }

    @Test func marksOfOneRunHaveOneLength() {
        let short = MessageMark(run: "abcd2345", sender: 0, sequence: 0, sentNanoseconds: 0)
        let long = MessageMark(
            run: "abcd2345", sender: 9_999, sequence: 16_000_000, sentNanoseconds: UInt64(Int64.max))
        #expect(short.text.utf8.count == long.text.utf8.count)
        #expect(MessageMark(text: long.text) == long)
    }

    @Test(arguments: [
        "", "hello", "naru-bench/abcd", "naru-bench/a/1/2/x/", "naru-bench/a/1/2/3", "naru-bench/a/-1/2/3/",
        "naru-bench/a/1/99999999999999999999/3/", "naru-bench/a//2/3/", "other/a/1/2/3/",
    ])
    func otherTextsHaveNoMark(text: String) {
        #expect(MessageMark(text: text) == nil)
    }
}

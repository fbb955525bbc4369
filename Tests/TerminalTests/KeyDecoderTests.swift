import RandomJSON
import Terminal
import Testing

@Suite struct KeyDecoderTests {
    private func decode(_ text: String) -> [InputEvent] {
        var decoder = KeyDecoder()
        return decoder.feed(Array(text.utf8)) + decoder.flush()
    }

    @Test(arguments: [
        ("\r", Key(.enter)), ("\n", Key.control("j")), ("\t", Key(.tab)), ("\u{7F}", Key(.backspace)),
        ("\u{8}", Key(.backspace)), ("\u{1}", Key.control("a")), ("\u{1A}", Key.control("z")),
        ("\u{1F}", Key.control("_")), ("\u{0}", Key.control(" ")), ("\u{1B}", Key(.escape)),
        ("\u{1B}[A", Key(.up)), ("\u{1B}OB", Key(.down)), ("\u{1B}[1;3A", Key(.up, .alt)),
        ("\u{1B}[1;4B", Key(.down, [.shift, .alt])), ("\u{1B}[1;5C", Key(.right, .control)), ("\u{1B}[H", Key(.home)),
        ("\u{1B}[4~", Key(.end)), ("\u{1B}[3~", Key(.delete)), ("\u{1B}[5~", Key(.pageUp)),
        ("\u{1B}[6~", Key(.pageDown)), ("\u{1B}[Z", Key(.tab, .shift)), ("\u{1B}OP", Key(.function(1))),
        ("\u{1B}[11~", Key(.function(1))), ("\u{1B}[24~", Key(.function(12))), ("\u{1B}\r", Key(.enter, .alt)),
        ("\u{1B}[27;2;13~", Key(.enter, .shift)), ("\u{1B}[13;2u", Key(.enter, .shift)),
        ("\u{1B}b", Key.alt("b")), ("\u{1B}\u{7F}", Key(.backspace, .alt)), ("\u{1B}[97;5u", Key.control("a")),
        ("\u{1B}[1;5F", Key(.end, .control)), ("\u{1B}[", Key.alt("[")), ("\u{1B}O", Key.alt("O")),
    ])
    func keys(text: String, key: Key) {
        #expect(decode(text) == [.key(key)])
    }

    @Test func textIsFinished() {
        #expect(decode("안녕") == [.text("안녕")])
        #expect(decode("a한\rb") == [.text("a한"), .key(Key(.enter)), .text("b")])
        #expect(decode("👨‍👩‍👧‍👦") == [.text("👨‍👩‍👧‍👦")])
        #expect(decode("x\u{1B}[Ay") == [.text("x"), .key(Key(.up)), .text("y")])
    }

    @Test func splitCharactersAreWaitedFor() {
        var decoder = KeyDecoder()
        let bytes = Array("한".utf8)
        #expect(decoder.feed(bytes[0..<1]).isEmpty)
        #expect(decoder.isWaiting)
        #expect(decoder.feed(bytes[1..<2]).isEmpty)
        #expect(decoder.feed(bytes[2..<3]) == [.text("한")])
        #expect(!decoder.isWaiting)
    }

    @Test func whatIsPastedIsNeverAKey() {
        #expect(decode("\u{1B}[200~ls\rrm\u{1B}[Ax\u{1B}[201~y") == [.paste("ls\nrm[Ax"), .text("y")])
        #expect(decode("\u{1B}[200~\u{1B}[201~") == [.paste("")])
        var decoder = KeyDecoder()
        #expect(decoder.feed(Array("\u{1B}[200~안녕\u{1B}[20".utf8)).isEmpty)
        #expect(decoder.flush().isEmpty)
        #expect(decoder.feed(Array("1~".utf8)) == [.paste("안녕")])
    }

    @Test func pastesAreBounded() {
        var decoder = KeyDecoder()
        let block = [UInt8](repeating: 0x61, count: 100_000)
        _ = decoder.feed(Array("\u{1B}[200~".utf8))
        for _ in 0..<5 { #expect(decoder.feed(block).isEmpty) }
        guard case .paste(let text)? = decoder.feed(Array("\u{1B}[201~".utf8)).first else {
            Issue.record("the paste does not end")
            return
        }
        #expect(text.utf8.count == KeyDecoder.maximumPasteBytes)
    }

    @Test func theGroundIsTold() {
        #expect(decode("\u{1B}]11;rgb:ffff/ffff/ffff\u{7}") == [.ground(isLight: true)])
        #expect(decode("\u{1B}]11;rgb:1e1e/1e1e/2e2e\u{1B}\\a") == [.ground(isLight: false), .text("a")])
        #expect(decode("\u{1B}]11;rgb:ff/ff/ff\u{1B}\\") == [.ground(isLight: true)])
        #expect(decode("\u{1B}]11;rgb:zz/ff\u{7}") == [])
    }

    @Test func nonsenseIsSwallowed() {
        #expect(decode("\u{1B}[99;99x") == [])
        #expect(decode("\u{1B}[?1;2c") == [])
        #expect(
            decode("\u{1B}[<0;1;1Ma") == [.key(Key(.enter)), .text("a")] || decode("\u{1B}[<0;1;1Ma").last == .text("a")
        )
        var decoder = KeyDecoder()
        #expect(decoder.feed([0xFF, 0xFE, 0x61, 0xC3, 0x28]) == [.text("a(")])
        #expect(decoder.feed([0xED, 0xA0, 0x80, 0x62]) == [.text("b")])
    }

    /// However the bytes are cut, the same comes out.
    @Test func readsMayBeCutAnywhere() {
        var generator = SeededGenerator.fresh()
        let pieces = [
            "a", "한글", "👍🏽", "\r", "\u{1B}[A", "\u{1B}[1;5C", "\u{1B}OP", "\u{1B}[200~x\u{1B}y\u{1B}[201~",
            "\u{1B}]11;rgb:0/0/0\u{7}",
            "\u{1B}z", "\u{7F}",
        ]
        for _ in 0..<500 {
            let text = (0..<6).map { _ in pieces.randomElement(using: &generator)! }.joined()
            var (whole, cut) = (KeyDecoder(), KeyDecoder())
            let expected = joined(whole.feed(Array(text.utf8)))
            var events: [InputEvent] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...4, using: &generator)
                events += cut.feed(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(joined(events) == expected, "seed \(generator.seed)")
        }
    }

    @Test func noBytesBreakIt() {
        var generator = SeededGenerator.fresh()
        for _ in 0..<2_000 {
            var decoder = KeyDecoder()
            for _ in 0..<8 {
                let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ -> UInt8 in
                    generator.chance(40)
                        ? [0x1B, 0x5B, 0x5D, 0x3B, 0x7E, 0x32, 0x30].randomElement(using: &generator)!
                        : .random(in: 0...255, using: &generator)
                }
                _ = decoder.feed(bytes)
                if generator.chance(30) { _ = decoder.flush() }
            }
        }
    }

    /// Neighbouring texts are one.
    private func joined(_ events: [InputEvent]) -> [InputEvent] {
        events.reduce(into: []) { result, event in
            if case .text(let more) = event, case .text(let text)? = result.last {
                result[result.count - 1] = .text(text + more)
            } else {
                result.append(event)
            }
        }
    }
}

import HangulSearch
import Testing

/// What people type, and what they expect to find by it.
@Suite struct SearchQueryTests {
    private func finds(_ query: String, in text: String) -> Bool {
        SearchQuery(query)?.match(text) != nil
    }

    private func expect(
        _ query: String, finds texts: [String], not others: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for text in texts {
            #expect(finds(query, in: text), "\(query) in \(text)", sourceLocation: sourceLocation)
            let terms = SearchTerm.terms(of: FoldedText(text))
            let patterns = SearchQuery(query)?.patterns ?? []
            #expect(
                patterns.allSatisfy { pattern in
                    terms.contains { pattern.matches($0) && pattern.range.contains($0) }
                }, "the index misses \(query) in \(text)", sourceLocation: sourceLocation)
        }
        for text in others {
            #expect(!finds(query, in: text), "\(query) in \(text)", sourceLocation: sourceLocation)
        }
    }

    /// Rule 113.
    @Test func syllablesAreFoundAnywhere() {
        expect("안녕", finds: ["안녕하세요", "다들 안녕", "또안녕요!"], not: ["안 녕", "안경", "녕안"])
        expect("한국", finds: ["한국어", "대한국민", "한국", "남한국경"], not: ["한 국", "국한", "한글"])
        expect("국", finds: ["한국", "국", "미역국을"], not: ["구", "굴"])
        expect("점심 먹자", finds: ["우리 점심 먹자!", "먹자, 점심"], not: ["점심 먹", "점심"])
    }

    /// Rule 113.
    @Test func initialConsonantsStandForSyllables() {
        expect("ㅎㄱ", finds: ["한국", "친한 학교", "ㅎㄱ"], not: ["학", "강한", "하나 가"])
        expect("ㅇㄴㅎ", finds: ["안녕하세요"], not: ["안녕"])
        expect("ㅁ", finds: ["민지", "감미롭다"], not: ["감", "지민아 가자".replacing("민", with: "인")])
        expect("ㄲ", finds: ["까치"], not: ["가치"])
        expect("ㅋㅋ", finds: ["ㅋㅋㅋ", "쿠키"], not: ["ㅋ", "ㅋ ㅋ"])
        expect("ㅠ", finds: ["ㅠㅠ"], not: ["유", "ㅜㅜ"])
        expect("ㅎ국", finds: ["한국", "호국"], not: ["미국"])
        // A final consonant is no initial one.
        expect("ㄴ", finds: ["나"], not: ["안"])
    }

    @Test func whatIsBeingTypedIsFoundAlready() {
        expect("민ㅈ", finds: ["민지", "김민준", "민ㅈ"], not: ["민수", "미지"])
        expect("한구", finds: ["한국", "한구", "한굴"], not: ["한겨울", "한궈"])
        expect("미", finds: ["민지", "미나"], not: ["모두"])
        // Only the last syllable is being typed; a space ends it.
        expect("미지", finds: ["미지", "미진"], not: ["민지"])
        expect("미 수", finds: ["미 수"], not: ["민 수"])
        expect("한구 ", finds: ["한구"], not: ["한국"])
        // A syllable with its final consonant is taken at its word.
        expect("한", finds: ["한국"], not: ["하나"])
    }

    @Test func otherScriptsWithoutSpaces() {
        expect("日本", finds: ["日本語", "東日本大震災"], not: ["本日", "日 本"])
        expect("北京", finds: ["我在北京工作"], not: ["北方京城"])
        expect("京", finds: ["北京", "京"], not: ["北"])
        expect("カタカナ", finds: ["かたかな", "ｶﾀｶﾅ", "カタカナ語"], not: ["かたな"])
        expect("がぎ", finds: ["ガギグ", "ｶﾞｷﾞ", "か\u{3099}き\u{3099}"], not: ["かき"])
        expect("ぱ", finds: ["パン", "ﾊﾟﾝ"], not: ["バン"])
        expect("สวัสดี", finds: ["สวัสดีครับ"], not: ["สวัส"])
        expect("🎉", finds: ["생일🎉🎂", "🎂🎉"], not: ["🎂"])
    }

    @Test func wordsAreFoundByTheirBeginning() {
        expect("meet", finds: ["Meeting at ten", "let's meet"], not: ["steel", "me et", "me"])
        expect("big red", finds: ["a red, big house", "Big Reds"], not: ["bigger red", "big"])
        expect("big ", finds: ["the big one"], not: ["bigger"])
        expect("internation", finds: ["International"], not: ["internal", "inter"])
        expect("2026", finds: ["in 2026!", "20261231"], not: ["1202", "2 026"])
        expect("코로나19", finds: ["코로나19 백신", "코로나 19"], not: ["코로나", "19"])
        expect("v2", finds: ["naru v2.1"], not: ["v3"])
    }

    @Test func caseWidthAndAccentsDoNotMatter() {
        expect("STRASSE", finds: ["straße", "Strasse"])
        expect("viet nam", finds: ["Việt Nam", "Vie\u{302}\u{323}t nam", "VIET NAM"])
        expect("nino", finds: ["El Niño", "nin\u{303}o"])
        expect("đà nẵng", finds: ["Da Nang", "ĐÀ NẴNG"])
        expect("ａｂｃ１", finds: ["abc1", "ABC123"])
        expect("москва", finds: ["МОСКВА", "в Москвах"], not: ["мос"])
        expect("αθηνα", finds: ["Αθήνα", "ΑΘΗΝΑ"])
        expect("œuvre", finds: ["oeuvre"])
        expect("bold", finds: ["𝐁𝐨𝐥𝐝"])
        expect("٣", finds: ["3", "३"])
    }

    @Test func arabicFormsAreOne() {
        expect("احمد", finds: ["أحمد", "أَحْمَد", "احـــمد"], not: ["حمد"])
        expect("مدرسه", finds: ["مدرسة"])
        expect("مستشفي", finds: ["مستشفى", "المستشفى مستشفى"], not: ["المستشفى"])
    }

    @Test func decomposedTextIsTheSame() {
        // 한국 in conjoining jamo; SwiftPM's sources are composed, so it is spelled out.
        let decomposed = "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}"
        expect("한국", finds: [decomposed])
        expect(decomposed, finds: ["한국"], not: ["한구"])
        expect("\u{1112}\u{1100}", finds: ["한국"])
        expect("\u{AD6C}\u{11A8}", finds: ["국"], not: ["구"])
        expect("ﾡ\u{1161}", finds: ["ㄱㅏ"])
    }

    @Test func nothingToLookFor() {
        for text in ["", " ", "!?", "\u{200B}", "\u{301}", "…"] { #expect(SearchQuery(text) == nil, "\(text)") }
        #expect(!finds("a", in: ""))
    }

    @Test func theCloserTextScoresHigher() throws {
        func score(_ query: String, _ text: String) throws -> Int {
            try #require(SearchQuery(query)?.match(text)?.score, "\(query) in \(text)")
        }
        for (query, better, worse) in [
            ("nino", "el nino", "el niño"), ("niño", "el niño", "el nino"), ("meet", "meet me", "meeting me"),
            ("한구", "한구", "한국"), ("ㅎㄱ", "ㅎㄱ", "한국"), ("민지", "민지야", "김민지"),
            ("red house", "a red house", "a house red"), ("tea", "tea", "tea and many other things to drink"),
        ] {
            #expect(try score(query, better) > score(query, worse), "\(query): \(better), \(worse)")
        }
        #expect(try score("tea", "Tea") == 1000)
    }

    @Test func highlightsAreWhatWasFound() throws {
        func highlighted(_ query: String, _ text: String) throws -> [String] {
            let match = try #require(SearchQuery(query)?.match(text))
            let bytes = Array(text.utf8)
            return match.ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
        }
        #expect(try highlighted("ㅎㄱ", "저는 한국 학교에") == ["한국", "학교"])
        #expect(try highlighted("meet", "Meeting to meet") == ["Meet", "meet"])
        #expect(try highlighted("nino", "niño nin\u{303}o!") == ["niño", "nin\u{303}o"])
        #expect(try highlighted("b a", "a…b") == ["a", "b"])
        #expect(try highlighted("strass", "die Straße") == ["Straß"])
    }
}

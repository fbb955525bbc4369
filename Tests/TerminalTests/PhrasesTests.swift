import Terminal
import Testing

@Suite struct PhrasesTests {
    /// Places in a text, in any order.
    private func places(_ text: String) -> Set<String> {
        Set(
            text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap {
                $0.split(separator: "}").first.map(String.init)
            })
    }

    /// Places that a language may leave out, since its own format has no use for them.
    private static let optional: Set<String> = ["half", "hour", "hour12"]

    @Test(arguments: [Language.korean, .english])
    func nothingIsMissing(language: Language) {
        let texts = Phrases.texts(language)
        for phrase in Phrase.allCases {
            #expect(texts[phrase]?.isEmpty == false, "\(language) has no \(phrase)")
        }
    }

    @Test(arguments: Language.allCases)
    func placesAreThoseOfEnglish(language: Language) throws {
        let english = Phrases.texts(.english)
        for (phrase, text) in Phrases.texts(language) {
            let wanted = try places(#require(english[phrase]))
            #expect(
                places(text).subtracting(Self.optional) == wanted.subtracting(Self.optional), "\(language), \(phrase)")
        }
    }

    @Test func languagesAreFound() {
        #expect(Language(environment: ["LANG": "ko_KR.UTF-8"]) == .korean)
        #expect(Language(environment: ["LANG": "ko_KR.UTF-8", "LC_ALL": "C.UTF-8"]) == .english)
        #expect(Language(environment: ["LC_ALL": "", "LANG": "zh_TW.UTF-8"]) == .traditionalChinese)
        #expect(Language(environment: ["LANG": "zh_CN"]) == .simplifiedChinese)
        #expect(Language(environment: [:]) == .english)
        #expect(Language(tag: "tl-PH") == .filipino)
        #expect(Language(tag: "xx") == nil)
        #expect(Language.allCases.count == 12)
    }

    @Test func whatALanguageLacksIsEnglish() {
        #expect(Phrases(.japanese)(.chats) == "Chats")
        #expect(Phrases(.arabic)(.queued, count: 2) == "2 messages waiting")
        #expect(Phrases(.korean)(.chats) == "채팅")
    }

    @Test func numbers() {
        let english = Phrases(.english)
        #expect(english(.queued, count: 1) == "1 message waiting")
        #expect(english(.queued, count: 0) == "0 messages waiting")
        #expect(Phrases(.korean)(.queued, count: 1) == "보낼 메시지 1개")
        #expect(
            [0, 1, 2, 3, 11, 100, 102].map { Language.arabic.pluralForm(of: $0) } == [
                .zero, .one, .two, .few, .many, .other, .other,
            ])
        #expect(
            [1, 4, 5, 14, 16].map { Language.filipino.pluralForm(of: $0) } == [.one, .other, .one, .other, .other])
    }

    @Test func valuesAreNotLookedAtAgain() {
        #expect(Phrases(.english)(.replyingTo, ["name": "{text}", "text": "x"]) == "Reply to {text}: x")
        #expect(Phrases(.english)(.invited, [:]) == "Invited: {name}")
    }

    @Test func times() {
        let time = WallTime(year: 2026, month: 11, day: 21, weekday: 6, hour: 15, minute: 9)
        #expect(Phrases(.korean).time(time) == "오후 3:09")
        #expect(Phrases(.english).time(time) == "15:09")
        #expect(Phrases(.korean).day(time) == "2026년 11월 21일 토요일")
        #expect(Phrases(.english).day(time) == "Saturday, 21 Nov 2026")
        var midnight = time
        (midnight.hour, midnight.day) = (0, 20)
        #expect(Phrases(.korean).time(midnight) == "오전 12:09")
        #expect(Phrases(.english).shortTime(midnight, now: time) == "20 Nov")
        #expect(Phrases(.english).shortTime(time, now: time) == "15:09")
    }

    @Test func sizes() {
        #expect(
            [0, 999, 1_000, 2_100_000, 34_000_000_000].map { Phrases(.english).bytes($0) } == [
                "0 B", "999 B", "1.0 kB", "2.1 MB", "34 GB",
            ])
    }

    /// The 64 of the specification, each with a name of its own.
    @Test func emojiOfVerificationsHaveNames() {
        #expect(Phrases.koreanEmojiNames.count == 64)
        #expect(Set(Phrases.koreanEmojiNames.values).count == 64)
        #expect(Phrases(.korean).emojiName("Dog") == "개")
        #expect(Phrases(.english).emojiName("Dog") == "Dog")
        #expect(Phrases(.korean).emojiName("Something") == "Something")
    }
}

@Suite struct ProfileLocationTests {
    @Test func folders() throws {
        let location = try #require(ProfileLocation(name: "default", environment: ["HOME": "/home/minji"]))
        #expect(location.folder == "/home/minji/.local/share/naru/chat/default")
        let environment = ["HOME": "/home/minji", "XDG_DATA_HOME": "/data"]
        #expect(ProfileLocation(name: "work", environment: environment)?.store == "/data/naru/chat/work/store.sqlite")
        let relative = ["HOME": "/h", "XDG_DATA_HOME": "data"]
        #expect(ProfileLocation(name: "a", environment: relative)?.folder == "/h/.local/share/naru/chat/a")
        #expect(ProfileLocation(name: "a", environment: [:]) == nil)
    }

    @Test(arguments: ["", ".", "..", "../x", "a/b", ".hidden", "a b", "한", String(repeating: "a", count: 65)])
    func whatIsNoName(name: String) {
        #expect(ProfileLocation(name: name, environment: ["HOME": "/h"]) == nil)
    }
}

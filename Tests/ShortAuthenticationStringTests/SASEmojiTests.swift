import Primitives
import ShortAuthenticationString
import Testing

struct SASEmojiTests {
    private func string(_ bytes: [UInt8]) -> ShortString { ShortString(bytes: bytes) }

    @Test func theTablesHaveSixtyFourNamesEach() {
        for language in SASLanguage.allCases {
            let names = (0..<64).map { SASEmoji(number: $0).name(in: language) }
            #expect(Set(names).count == 64, "\(language)")
            #expect(names.allSatisfy { !$0.isEmpty && !$0.hasPrefix(" ") && !$0.contains("\n") }, "\(language)")
        }
        #expect(Set((0..<64).map { SASEmoji(number: $0).symbol }).count == 64)
    }

    /// Some lines of the specification's table.
    @Test(arguments: [(0, "🐶", "Dog"), (12, "🐟", "Fish"), (21, "☁️", "Cloud"), (34, "🔧", "Spanner"), (63, "📌", "Pin")])
    func linesOfTheTable(number: Int, symbol: String, name: String) {
        let emoji = SASEmoji(number: number)
        #expect(emoji.symbol == symbol)
        #expect(emoji.name == name)
    }

    @Test func languagesAreFoundByTheirTags() {
        let fire = SASEmoji(number: 22)
        #expect(fire.name(in: SASLanguage(tag: "ko-KR")) == "불")
        #expect(fire.name(in: SASLanguage(tag: "ja")) == "炎")
        #expect(SASLanguage(tag: "zh-Hant-TW") == .traditionalChinese)
        #expect(SASLanguage(tag: "zh_TW") == .traditionalChinese)
        #expect(SASLanguage(tag: "zh-CN") == .simplifiedChinese)
        #expect(SASLanguage(tag: "zh-Hans-HK") == .simplifiedChinese)
        #expect(SASLanguage(tag: "FIL") == .filipino)
        #expect(SASLanguage(tag: "de-AT") == .english)
        #expect(SASLanguage(tag: "") == .english)
    }

    @Test func theBitsAreReadFromTheFront() {
        #expect(string([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xC0]).emoji.map(\.number) == [63, 63, 63, 63, 63, 63, 63])
        #expect(string([0, 0, 0, 0, 0, 0]).emoji.map(\.number) == [0, 0, 0, 0, 0, 0, 0])
        #expect(string([0x04, 0x20, 0xC4, 0x14, 0x61, 0xC0]).emoji.map(\.number) == [1, 2, 3, 4, 5, 6, 7])
        #expect(string([0, 0, 0, 0, 0, 0]).decimals == [1000, 1000, 1000])
        #expect(string([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0]).decimals == [9191, 9191, 9191])
        #expect(string([0x00, 0x08, 0x00, 0x40, 0x02, 0]).decimals == [1001, 1001, 1001])
    }
}

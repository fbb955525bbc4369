import HomeserverBench
import Testing

@Suite struct MixedGroupsTests {
    private func groups(_ count: Int, users: Int = 200, seed: UInt64 = 7) -> MixedGroups {
        var options = MixedOptions()
        options.groupCount = count
        options.userCount = users
        return MixedGroups(options, seed: seed)
    }

    @Test func groupsHaveFromTwoToFiftyMembersWhoAreThereOnce() {
        for members in groups(2000).members {
            #expect((2...50).contains(members.count))
            #expect(Set(members).count == members.count)
            #expect(members.allSatisfy { (0..<200).contains($0) })
        }
    }

    @Test func largeGroupsAreTheRarerOnes() {
        let sizes = groups(2000).members.map(\.count)
        let small = sizes.count { $0 < 8 }
        let large = sizes.count { $0 >= 32 }
        #expect(small > large)
        #expect(large > 100)
    }

    @Test func aGroupIsNotLargerThanThereArePeople() {
        #expect(groups(100, users: 3).members.allSatisfy { $0.count <= 3 })
    }

    @Test func theSameSeedGivesTheSameGroups() {
        #expect(groups(20) == groups(20))
        #expect(groups(20) != groups(20, seed: 8))
    }

    @Test func arrivalsComeAtTheirRate() {
        var generator = SplitMix64(state: 1)
        let count = 100_000
        let total = (0..<count).reduce(0.0) { sum, _ in sum + generator.nextArrival(rate: 4) }
        // The mean of so many exponential times is within a percent, whatever the seed.
        #expect(abs(total / Double(count) - 0.25) < 0.0025)
    }
}

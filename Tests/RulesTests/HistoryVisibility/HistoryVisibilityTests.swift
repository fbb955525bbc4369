import CanonicalJSON
import MatrixEvents
import Rules
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility
struct HistoryVisibilityTests {
    private static let memberships: [Membership?] = [nil, .invite, .join, .knock, .leave, .ban]

    /// The memberships that see an event, without and with having joined since.
    @Test(
        arguments: [
            (HistoryVisibility.worldReadable, memberships, memberships),
            (.shared, [.join], memberships),
            (.invited, [.invite, .join], [.invite, .join]),
            (.joined, [.join], [.join]),
        ] as [(HistoryVisibility, [Membership?], [Membership?])])
    func everyCombination(visibility: HistoryVisibility, before: [Membership?], since: [Membership?]) {
        for membership in Self.memberships {
            for (hasJoinedSince, seeing) in [(false, before), (true, since)] {
                let isVisible = HistoryVisibility.isVisible(
                    visibilityAtEvent: visibility, membershipAtEvent: membership, hasJoinedSince: hasJoinedSince)
                #expect(isVisible == seeing.contains(membership), "\(String(describing: membership)) \(hasJoinedSince)")
            }
        }
    }

    @Test(
        arguments: [
            (nil, .shared), ([:], .shared), (["history_visibility": "secret"], .shared),
            (["history_visibility": 1], .shared),
            (["history_visibility": "joined"], .joined), (["history_visibility": "world_readable"], .worldReadable),
        ] as [(JSONObject?, HistoryVisibility)])
    func whatIsNotUnderstoodIsShared(content: JSONObject?, expected: HistoryVisibility) {
        #expect(HistoryVisibility(content: content) == expected)
    }
}

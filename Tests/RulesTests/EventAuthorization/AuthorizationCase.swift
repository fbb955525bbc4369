import MatrixEvents
import Rules
import Testing

/// One event in one room, and what the rules say about it.
struct AuthorizationCase: Sendable, CustomTestStringConvertible {
    enum Verdict: Sendable {
        case allowed
        case rejected(v11: String, v12: String)

        /// A step of the rule about memberships.
        static func rejectedMembership(_ step: String) -> Verdict { .rejected(v11: "4.\(step)", v12: "5.\(step)") }
    }

    /// What the case shows, as a sentence.
    let name: String
    let verdict: Verdict
    /// Changes the room before the event and answers the event.
    let arrange: @Sendable (inout TestRoom) -> PersistentDataUnit

    init(_ name: String, _ verdict: Verdict, arrange: @escaping @Sendable (inout TestRoom) -> PersistentDataUnit) {
        self.name = name
        self.verdict = verdict
        self.arrange = arrange
    }

    var testDescription: String { name }

    func check(in rules: RoomVersionRules, sourceLocation: SourceLocation = #_sourceLocation) {
        var room = TestRoom(rules)
        let event = arrange(&room)
        let expected: String? =
            switch (verdict, rules.authorizationRuleNumbering) {
            case (.allowed, _): nil
            case (.rejected(let v11, _), .v11): v11
            case (.rejected(_, let v12), .v12): v12
            }
        #expect(room.rejectingRule(of: event) == expected, "\(name)", sourceLocation: sourceLocation)
    }
}

extension RoomVersionRules: CustomTestStringConvertible {
    public var testDescription: String { "room version \(identifier)" }
}

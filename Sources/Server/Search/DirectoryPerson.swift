import CanonicalJSON
import HangulSearch
import HomeserverStore
import MatrixIdentifiers

/// A user as the directory shows him.
public struct DirectoryPerson: Sendable {
    public let userID: UserID
    public let displayName: String?
    public let avatarURL: String?

    /// Nil for somebody without an account here, or no longer.
    init?(_ userID: UserID, from store: any AccountReader) throws {
        guard let account = try store.account(userID), !account.isDeactivated else { return nil }
        let profile = try store.profile(of: userID)
        func string(_ name: String) throws -> String? {
            try profile[name].flatMap { try JSONParser.parse($0).stringValue }
        }
        self.userID = userID
        displayName = try string("displayname")
        avatarURL = try string("avatar_url")
    }

    /// What is looked at: the name, and the ID without the server, which is the same for everybody.
    var text: String { (displayName.map { $0 + "\n" } ?? "") + userID.localpart }

    var terms: [UInt32] { SearchTerm.terms(of: FoldedText(text)) }
}

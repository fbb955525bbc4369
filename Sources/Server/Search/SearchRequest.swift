import CanonicalJSON
import HangulSearch
import HomeserverStore
import MatrixIdentifiers
import Rooms

/// What a client wants of a search in messages.
public struct SearchRequest: Sendable {
    public enum Order: String, Sendable {
        case rank, recent
    }

    public var userID: UserID
    /// Nil when there is nothing in the term that can be looked for: then nothing is found.
    public var query: SearchQuery?
    public var keys = Set(SearchKey.allCases)
    public var order = Order.rank
    public var limit = 10
    /// Where an earlier page ended.
    public var token: SearchToken?
    public var includesRoom: @Sendable (RoomID) -> Bool = { _ in true }
    /// The rest of the client's filter.
    public var isWanted: @Sendable (RoomEvent) -> Bool = { _ in true }

    public init(userID: UserID, query: SearchQuery?) {
        self.userID = userID
        self.query = query
    }
}

/// An event that was found.
public struct SearchResult: Sendable {
    public let room: Room
    public let event: RoomEvent
    /// 0 … 1000, higher is closer.
    public let score: Int
    /// The parts of its text that were looked for, as they are written there.
    public let highlights: [String]
}

/// A page of what was found.
public struct SearchPage: Sendable {
    /// In the order that was asked for.
    public var results: [SearchResult] = []
    /// About how many there are.
    public var count = 0
    /// Where the next page begins; nil when there is none.
    public var next: SearchToken?
}

/// Where a page of results ended: `<stream position>_<score>_<position>`, and the group that it was about.
///
/// The first part is how far the stream had come when the first page was asked for. What comes later is not looked at
/// by the pages that follow, so that they neither repeat nor leave out anything.
public struct SearchToken: Sendable, Equatable, CustomStringConvertible {
    /// Results of one room or of one sender only.
    public enum Group: Sendable, Equatable {
        case room(RoomID)
        case sender(UserID)
    }

    /// The latest position that is looked at.
    public let upTo: StreamPosition
    /// The last result of the page before.
    public let score: Int
    public let position: StreamPosition
    public var group: Group?

    public init(upTo: StreamPosition, score: Int, position: StreamPosition, group: Group? = nil) {
        (self.upTo, self.score, self.position, self.group) = (upTo, score, position, group)
    }

    /// Nil when the text is no token of ours.
    public init?(_ text: String) {
        let parts = text.split(separator: "_", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, let upTo = Int64(parts[0]), let score = Int(parts[1]), let position = Int64(parts[2]),
            upTo >= 0, position >= 0
        else { return nil }
        self.init(upTo: StreamPosition(upTo), score: score, position: StreamPosition(position))
        guard parts.count == 4 else { return }
        if let room = RoomID(parts[3]) {
            group = .room(room)
        } else if let sender = UserID(parts[3]) {
            group = .sender(sender)
        } else {
            return nil
        }
    }

    public var description: String {
        let group =
            switch group {
            case .room(let room): "_" + room.string
            case .sender(let sender): "_" + sender.string
            case nil: ""
            }
        return "\(upTo)_\(score)_\(position)\(group)"
    }

    /// The same place among the results of one group.
    public func within(_ group: Group) -> SearchToken {
        var token = self
        token.group = self.group ?? group
        return token
    }
}

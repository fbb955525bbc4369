/// A chat in the list. All texts are as strangers wrote them; what draws them cleans them.
package struct ChatRow: Sendable, Equatable, Identifiable {
    package var id: String
    package var name: String
    /// The newest message in one line.
    package var preview = ""
    /// When it came, in milliseconds since 1970.
    package var time: Int64?
    package var unreadCount = 0
    package var highlightCount = 0
    package var isInvitation = false
    package var isEncrypted = false
    package var isFavourite = false
    package var isMuted = false
    package var memberCount = 0

    package init(id: String, name: String) {
        (self.id, self.name) = (id, name)
    }
}

/// Whether others than those in a chat can read it.
package enum LineSecurity: Sendable, Equatable {
    /// Not encrypted: servers read along.
    case open
    /// Encrypted; so many of the devices it is encrypted for have not been verified.
    case encrypted(unverifiedDevices: Int)
    /// Encrypted, and everybody in it has been verified.
    case verified
    /// Somebody's identity has changed; nothing is sent before a decision.
    case blocked(by: [String])
}

/// What stands at one place of a chat's history.
package struct MessageRow: Sendable, Equatable, Identifiable {
    package enum Kind: Sendable, Equatable {
        /// What people say; `notice` is said by a program, `emote` told of the person.
        case message, notice, emote
        case file(name: String, bytes: Int?)
        /// Something about the room: who came, what it is called.
        case change
        /// Encrypted, and it cannot be read; the reason is the text.
        case unreadable
        case redacted
    }

    package enum Delivery: Sendable, Equatable {
        case sent, waiting, sending
        case failed(reason: String)
    }

    package struct Reaction: Sendable, Equatable {
        package var key: String
        package var count: Int
        package var isMine: Bool

        package init(_ key: String, count: Int, isMine: Bool) {
            (self.key, self.count, self.isMine) = (key, count, isMine)
        }
    }

    package struct Quote: Sendable, Equatable {
        package var sender: String
        package var text: String

        package init(sender: String, text: String) {
            (self.sender, self.text) = (sender, text)
        }
    }

    package var id: String
    package var kind: Kind
    package var sender: String
    package var senderName: String
    package var isMine: Bool
    package var text: String
    /// In milliseconds since 1970.
    package var time: Int64
    package var isEdited = false
    package var replyTo: Quote?
    package var reactions: [Reaction] = []
    package var delivery = Delivery.sent
    /// How many of the others have not read it; nil when that is not known.
    package var unreadBy: Int?
    /// What is wrong with the device or person that it comes from, in the reader's language.
    package var warning: String?

    package init(
        id: String, kind: Kind = .message, sender: String, name: String, isMine: Bool = false, text: String, time: Int64
    ) {
        (self.id, self.kind, self.sender, senderName) = (id, kind, sender, name)
        (self.isMine, self.text, self.time) = (isMine, text, time)
    }
}

/// How it stands with the server.
package struct ConnectionStatus: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case connecting, online
        /// Nothing has been heard; the next try is in so many seconds.
        case offline(retryInSeconds: Int?)
        case signedOut
    }

    /// Above it, people notice; it is said.
    package static let slowMilliseconds = 1_500

    package var state: State
    /// How long the last answers took, nil before the first.
    package var latencyMilliseconds: Int?
    /// Messages that wait to be sent.
    package var queuedCount: Int

    package init(_ state: State, latencyMilliseconds: Int? = nil, queuedCount: Int = 0) {
        (self.state, self.latencyMilliseconds, self.queuedCount) = (state, latencyMilliseconds, queuedCount)
    }

    package var isSlow: Bool {
        state == .online && (latencyMilliseconds ?? 0) >= Self.slowMilliseconds
    }
}

/// A time as it stands on the reader's wall.
package struct WallTime: Sendable, Equatable {
    package var year: Int
    package var month: Int
    package var day: Int
    /// 0 is Sunday.
    package var weekday: Int
    package var hour: Int
    package var minute: Int

    package init(year: Int, month: Int, day: Int, weekday: Int, hour: Int, minute: Int) {
        (self.year, self.month, self.day) = (year, month, day)
        (self.weekday, self.hour, self.minute) = (weekday, hour, minute)
    }

    package func isSameDay(as other: WallTime) -> Bool {
        year == other.year && month == other.month && day == other.day
    }
}

/// Tells the time on the wall of milliseconds since 1970.
package typealias WallClock = @Sendable (Int64) -> WallTime

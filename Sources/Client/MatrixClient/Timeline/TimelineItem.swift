import CanonicalJSON
import MatrixIdentifiers

/// One line of a conversation, ready to be shown: relations are applied, times are in order.
public struct TimelineItem: Sendable, Identifiable, Equatable {
    /// Stays the same when a message that was sent here comes back from the server.
    public struct ID: Hashable, Sendable, CustomStringConvertible {
        let text: ByteExactString

        package init(_ text: String) { self.text = ByteExactString(text) }

        public var description: String { text.string }
    }

    public let id: ID
    /// Nil until the server has given the event one.
    public var eventID: EventID?
    /// What this device sent it under; nil for what others sent, or other devices.
    public var transactionID: String?
    public let sender: UserID
    /// The sender's name in the room, told apart from others of the same name; the user ID without one.
    public var senderName: String
    public let isOwn: Bool
    /// When the sender's server received it, in milliseconds since 1970; until it is sent, when it was written.
    public let timestamp: Int64
    public var content: TimelineContent
    public var replyTo: RepliedMessage?
    /// The thread's first message when this is part of one.
    public var threadRoot: EventID?
    public var isEdited = false
    /// In the order in which they first appeared.
    public var reactions: [Reaction] = []
    /// Whose read receipt stands at this item, without one's own.
    public var readBy: [UserID] = []
    /// How many others in the room have not read as far as this; nil when that is not known.
    public var unreadCount: Int?
    /// Nil for what the server has sent us.
    public var sending: SendState?
    public var protection: Protection = .none
    /// Whether one is mentioned.
    public var mentionsMe = false
}

/// What an item is about.
public enum TimelineContent: Sendable, Equatable {
    case message(Message)
    /// Somebody has joined, left, changed his name …
    case membership(MembershipChange)
    /// Another state event: name, topic, encryption …
    case state(StateNotice)
    /// Deleted by its sender or a moderator.
    case redacted(by: UserID?, reason: String?)
    /// Encrypted, and not readable, or not yet.
    case unreadable(UnreadableReason)
    /// Something this library does not know: show `fallback` if there is one.
    case unknown(type: String, fallback: String?)
}

public struct Message: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case text
        case emote
        case notice
        case image(Attachment)
        case file(Attachment)
        case audio(Attachment)
        case video(Attachment)
        case sticker(Attachment)
        case location(uri: String)
        /// A kind that this library does not know, with a text for people.
        case other(type: String)
    }

    public var kind: Kind
    /// Without the quotation that old clients put before a reply.
    public var body: String
    /// HTML of the sender's choosing: to be cleaned before it is shown.
    public var formattedBody: String?

    public init(kind: Kind = .text, body: String, formattedBody: String? = nil) {
        self.kind = kind
        self.body = body
        self.formattedBody = formattedBody
    }
}

/// A file of a message, as it is found on a server.
public struct Attachment: Sendable, Equatable {
    public var name: String
    public var mimeType: String?
    public var byteCount: Int64?
    public var width: Int64?
    public var height: Int64?
    public var durationMilliseconds: Int64?
    /// `mxc://server/id`; nil while the file has not been uploaded.
    public var url: String?
    /// The specification's `EncryptedFile` with key and hash; nil for a file that is not encrypted.
    public var encryption: JSONObject?

    public init(name: String, mimeType: String? = nil, byteCount: Int64? = nil, url: String? = nil) {
        self.name = name
        self.mimeType = mimeType
        self.byteCount = byteCount
        self.url = url
    }
}

/// What is shown of the message that another one answers.
public struct RepliedMessage: Sendable, Equatable {
    public let eventID: EventID
    /// Nil while the message is not known here.
    public var senderName: String?
    public var body: String?

    public init(eventID: EventID, senderName: String? = nil, body: String? = nil) {
        self.eventID = eventID
        self.senderName = senderName
        self.body = body
    }
}

public struct Reaction: Sendable, Equatable {
    public let key: String
    /// In the order in which they reacted; own ones that wait to be sent are among them.
    public var senders: [UserID]
    public var isMine: Bool

    public init(key: String, senders: [UserID], isMine: Bool) {
        self.key = key
        self.senders = senders
        self.isMine = isMine
    }
}

public struct MembershipChange: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case joined, left, invited, knocked, banned, unbanned, kicked
        case inviteRejected, inviteWithdrawn
        case renamed(from: String?, to: String?)
        case changedAvatar
        /// Nothing that people would notice.
        case none
    }

    public let kind: Kind
    /// Whom it happened to; the item's sender did it.
    public let userID: UserID
    public let name: String
    public let reason: String?
}

public struct StateNotice: Sendable, Equatable {
    /// The event's type: `m.room.name` …
    public let type: String
    public let stateKey: String
    /// The room's new name or topic, the new join rule or history visibility; nil when there is no such text.
    public let text: String?
}

/// Why an encrypted event cannot be read.
public enum UnreadableReason: Sendable, Equatable {
    /// The keys have not come yet; the item changes when they do.
    case keysMissing
    /// The message was sent before this device could have had its keys.
    case sentBeforeThisDevice
    /// The sender has decided not to send us the keys, with the code he gave.
    case withheld(code: String)
    /// Damaged, replayed or forged.
    case invalid(String)
}

/// How well an item was protected on its way, and how sure it is who sent it.
public enum Protection: Sendable, Equatable {
    /// Not encrypted.
    case none
    /// Encrypted by a device that its owner has signed, and we have verified the owner.
    case verified
    /// Encrypted by a device that its owner has signed.
    case encrypted
    /// Encrypted, with a warning.
    case doubtful(Doubt)

    public enum Doubt: Sendable, Equatable {
        /// Its owner has not signed the device.
        case unsignedDevice
        /// The device is gone or was never seen.
        case unknownDevice
        /// The owner's identity was verified and is another one now.
        case changedIdentity
        /// The key came from somewhere else than the sender's device: from a backup, say.
        case unprovenSender
    }
}

/// How far a message of ours has got.
public enum SendState: Sendable, Equatable {
    /// It waits for earlier ones, for the network, or is being sent. It survives the end of the process.
    case waiting
    /// A file is being uploaded.
    case uploading
    /// The server has it, and has not sent it back to us yet.
    case sent
    /// It will not be sent unless ``SendQueue/resend(_:)`` is called.
    case failed(ClientError)
}

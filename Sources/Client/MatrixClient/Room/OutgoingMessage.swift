import MatrixIdentifiers

/// A message as its author writes it.
public struct OutgoingMessage: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case text, emote, notice
    }

    public var kind: Kind
    public var body: String
    /// HTML for those who show it, beside `body`.
    public var formattedBody: String?
    /// Who is to be told although he may not want to be told of everything.
    public var mentions: [UserID] = []
    public var mentionsRoom = false
    /// Which message this answers.
    public var replyTo: TimelineItem.ID?
    /// The first message of the thread it belongs to.
    public var threadRoot: EventID?

    public init(_ body: String, kind: Kind = .text, formattedBody: String? = nil) {
        self.body = body
        self.kind = kind
        self.formattedBody = formattedBody
    }
}

/// A file as it is to be sent. Its bytes are kept on the device until the server has them.
public struct OutgoingFile: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case image, file, audio, video
    }

    public var kind: Kind
    public var name: String
    public var mimeType: String
    public var bytes: [UInt8]
    /// In pixels.
    public var width: Int64?
    public var height: Int64?
    public var durationMilliseconds: Int64?
    public var caption: String?
    public var replyTo: TimelineItem.ID?

    /// Larger files are refused.
    public static let maximumBytes = 64 << 20

    public init(_ bytes: [UInt8], name: String, mimeType: String = "application/octet-stream", kind: Kind = .file) {
        self.bytes = bytes
        self.name = name
        self.mimeType = mimeType
        self.kind = kind
    }
}

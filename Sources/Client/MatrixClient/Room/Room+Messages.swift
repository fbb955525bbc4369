import CanonicalJSON
import MatrixIdentifiers

extension Room {
    /// Puts a message into the send queue. When this returns, it is in the timeline and will be sent, also after a
    /// restart.
    ///
    /// - Returns: the item in the timeline.
    @discardableResult
    public func send(_ message: OutgoingMessage) async throws(ClientError) -> TimelineItem.ID {
        try await engine.send(message, to: id)
    }

    /// The same for a plain text.
    @discardableResult
    public func send(_ text: String) async throws(ClientError) -> TimelineItem.ID {
        try await engine.send(OutgoingMessage(text), to: id)
    }

    /// The same for a file, which is encrypted first when the room is.
    @discardableResult
    public func send(_ file: OutgoingFile) async throws(ClientError) -> TimelineItem.ID {
        try await engine.send(file, to: id)
    }

    /// The same for any other event. In an encrypted room it is encrypted.
    @discardableResult
    public func send(type: String, content: JSONObject) async throws(ClientError) -> TimelineItem.ID {
        try await engine.send(type: type, content: content, to: id)
    }

    /// Replaces the text of one's own message.
    public func edit(_ item: TimelineItem.ID, to message: OutgoingMessage) async throws(ClientError) {
        try await engine.edit(item, to: message, in: id)
    }

    /// Reacts to a message, or takes one's reaction back when it is there already.
    ///
    /// - Parameter key: an emoji, or a short text.
    public func toggleReaction(_ key: String, on item: TimelineItem.ID) async throws(ClientError) {
        try await engine.toggleReaction(key, on: item, in: id)
    }

    /// Deletes a message for everybody. One that has not been sent yet is never sent.
    public func redact(_ item: TimelineItem.ID, reason: String? = nil) async throws(ClientError) {
        try await engine.redact(item, reason: reason, in: id)
    }

    /// Tells the others (unless `isPrivate`) and one's other devices that everything up to the item has been read.
    ///
    /// - Parameter item: nil for the newest message.
    public func markRead(upTo item: TimelineItem.ID? = nil, isPrivate: Bool = false) async throws(ClientError) {
        try await engine.markRead(item, isPrivate: isPrivate, in: id)
    }

    /// Tells the others that one types, or does no more. To be repeated while it lasts: after 30 s it is taken back.
    public func setTyping(_ isTyping: Bool) async throws(ClientError) {
        try await engine.setTyping(isTyping, in: id)
    }

    /// The file of a message, decrypted.
    ///
    /// - Throws: ``ClientError/Code/encryption`` when the bytes are not those that the sender has encrypted.
    public func download(_ attachment: Attachment) async throws(ClientError) -> [UInt8] {
        try await engine.download(attachment)
    }
}

import MatrixClient
import MatrixIdentifiers
import Terminal

extension ChatLoop {
    /// What is done with messages: each is in the device's queue when the call returns, so their order is kept.
    func performOnMessage(_ action: ChatAction) {
        switch action {
        case .send(let room, let text, let replyTo, let isEmote): send(text, to: room, replyTo, isEmote)
        case .edit(let room, let message, let text):
            inRoom(room, message) { try await $0.edit($1.id, to: OutgoingMessage(text)) }
        case .react(let room, let message, let key):
            inRoom(room, message) { try await $0.toggleReaction(key, on: $1.id) }
        case .unsend(let room, let message): inRoom(room, message) { try await $0.redact($1.id) }
        case .retry(let room, let message): inRoom(room, message) { try await $0.sendQueue.resend($1.id) }
        case .cancel(let room, let message): inRoom(room, message) { try await $0.sendQueue.cancel($1.id) }
        case .save(let room, let message, let path): save(room, message, to: path)
        case .sendFile(let room, let path): sendFile(path, to: room)
        default: break
        }
    }

    private func inRoom(
        _ room: String, _ message: String,
        _ body: @escaping @Sendable (Room, TimelineItem) async throws -> Void
    ) {
        guard let id = RoomID(room), let item = items[message] else { return }
        let session = session
        attempt(inOrder: true) { try await body(session.room(id), item) }
    }

    private func send(_ text: String, to room: String, _ replyTo: String?, _ isEmote: Bool) {
        guard let id = RoomID(room) else { return }
        var message = OutgoingMessage(text, kind: isEmote ? .emote : .text)
        message.replyTo = replyTo.flatMap { items[$0]?.id }
        message.mentions = mentions(in: text)
        let (session, outgoing) = (session, message)
        attempt(inOrder: true) { try await session.room(id).send(outgoing) }
    }

    /// Those whose user ID stands in the text.
    private func mentions(in text: String) -> [UserID] {
        guard text.contains("@") else { return [] }
        return text.split(whereSeparator: \.isWhitespace).compactMap { word in
            guard word.hasPrefix("@"), word.contains(":") else { return nil }
            return UserID(String(word))
        }
    }

    private func sendFile(_ path: String, to room: String) {
        guard let id = RoomID(room) else { return }
        let (session, continuation, phrases) = (session, continuation, phrases)
        attempt(inOrder: true) {
            let file = try ChatFiles.outgoing(path, caption: nil)
            try await session.room(id).send(file)
            continuation.yield(.said(phrases(.fileQueued, ["name": file.name]), .secure))
        }
    }

    private func save(_ room: String, _ message: String, to path: String?) {
        guard let id = RoomID(room), case .message(let content)? = items[message]?.content,
            let attachment = content.attachment
        else { return state.say(phrases(.noFileThere), .warning) }
        let (session, continuation, phrases) = (session, continuation, phrases)
        attempt {
            let bytes = try await session.room(id).download(attachment)
            let saved = try ChatFiles.save(bytes, named: attachment.name, to: path)
            continuation.yield(.said(phrases(.saved, ["path": saved]), .secure))
        }
    }
}

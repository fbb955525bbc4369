import Foundation
import MatrixClient
import Terminal

/// Rows of the screen from what the SDK knows.
struct ChatRows {
    let phrases: Phrases

    func row(_ summary: RoomSummary) -> ChatRow {
        var row = ChatRow(id: summary.id.string, name: phrases.name(summary.name))
        if let last = summary.lastMessage {
            let text = phrases.summary(last.content, sender: last.senderName)
            let isAlone = summary.directUserID != nil || last.isOwn
            row.preview = last.isOwn ? "\(phrases(.me)): \(text)" : isAlone ? text : "\(last.senderName): \(text)"
        }
        row.time = summary.activity > 0 ? summary.activity : nil
        row.unreadCount = max(summary.unreadCount, summary.isMarkedUnread ? 1 : 0)
        row.highlightCount = summary.highlightCount
        row.isInvitation = summary.membership == .invite
        row.isEncrypted = summary.isEncrypted
        row.isFavourite = summary.isFavourite
        row.isMuted = summary.isLowPriority
        row.memberCount = summary.joinedCount
        return row
    }

    /// Nil for what nobody would notice.
    func row(_ item: TimelineItem) -> MessageRow? {
        var row = MessageRow(
            id: item.id.description, sender: item.sender.string, name: item.senderName, isMine: item.isOwn, text: "",
            time: item.timestamp)
        switch item.content {
        case .message(let message): apply(message, to: &row)
        case .membership(let change):
            row.kind = .change
            row.text = phrases.membership(change, sender: item.senderName)
            if row.text.isEmpty { return nil }
        case .state(let notice):
            row.kind = .change
            row.text = phrases.state(notice, sender: item.senderName)
            if row.text.isEmpty { return nil }
        case .redacted: row.kind = .redacted
        case .unreadable(let reason):
            row.kind = .unreadable
            row.text = phrases.reason(reason)
        case .unknown(let type, let fallback):
            row.kind = .notice
            row.text = fallback ?? phrases(.unknownEvent, ["type": type])
        }
        row.isEdited = item.isEdited
        row.replyTo = item.replyTo.map {
            MessageRow.Quote(sender: $0.senderName ?? "", text: $0.body ?? "…")
        }
        row.reactions = item.reactions.map { .init($0.key, count: $0.senders.count, isMine: $0.isMine) }
        row.delivery = delivery(item.sending)
        row.unreadBy = item.unreadCount
        row.warning = phrases.warning(item.protection)
        return row
    }

    private func apply(_ message: Message, to row: inout MessageRow) {
        row.text = message.body
        switch message.kind {
        case .text: break
        case .emote: row.kind = .emote
        case .notice: row.kind = .notice
        case .image(let file), .file(let file), .audio(let file), .video(let file):
            row.kind = .file(name: file.name, bytes: file.byteCount.map { Int(clamping: $0) })
            if message.body == file.name { row.text = "" }
        case .sticker: row.text = "[\(phrases(.sentSticker))] \(message.body)"
        case .location(let uri): row.text = "[\(phrases(.sentLocation))] \(message.body) \(uri)"
        case .other: break
        }
    }

    private func delivery(_ state: SendState?) -> MessageRow.Delivery {
        switch state {
        case nil, .sent: .sent
        case .waiting: .waiting
        case .uploading: .sending
        case .failed(let error): .failed(reason: phrases.error(error))
        }
    }
}

extension Message {
    /// Its file, if it has one.
    var attachment: Attachment? {
        switch kind {
        case .image(let file), .file(let file), .audio(let file), .video(let file), .sticker(let file): file
        case .text, .emote, .notice, .location, .other: nil
        }
    }
}

/// The wall clock of this machine's time zone.
func systemWallTime(_ milliseconds: Int64) -> WallTime {
    var seconds = time_t(milliseconds / 1000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return WallTime(
        year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
        weekday: Int(parts.tm_wday), hour: Int(parts.tm_hour), minute: Int(parts.tm_min))
}

func systemNow() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

import MatrixClient
import Terminal

/// The SDK's values in the words of a language. What strangers wrote in them is not cleaned yet.
extension Phrases {
    func name(_ name: RoomName) -> String {
        switch name {
        case .given(let name): return name
        case .members(let names, let others):
            let list = names.joined(separator: ", ")
            return others > 0 ? self(.membersAndOthers, count: others, ["names": list]) : list
        case .empty(let names):
            return names.isEmpty ? self(.emptyRoom) : self(.emptyRoomWas, ["names": names.joined(separator: ", ")])
        }
    }

    /// One line of what an item says.
    func summary(_ content: TimelineContent, sender: String) -> String {
        switch content {
        case .message(let message): summary(message, sender: sender)
        case .membership(let change): membership(change, sender: sender)
        case .state(let notice): state(notice, sender: sender)
        case .redacted: self(.unsent)
        case .unreadable(let reason): self(.unreadable, ["reason": self.reason(reason)])
        case .unknown(let type, let fallback): fallback ?? self(.unknownEvent, ["type": type])
        }
    }

    private func summary(_ message: Message, sender: String) -> String {
        switch message.kind {
        case .text, .notice, .other: message.body
        case .emote: "* \(sender) \(message.body)"
        case .image(let attachment): "[\(self(.sentImage))] \(attachment.name)"
        case .file(let attachment): "[\(self(.file))] \(attachment.name)"
        case .audio(let attachment): "[\(self(.sentAudio))] \(attachment.name)"
        case .video(let attachment): "[\(self(.sentVideo))] \(attachment.name)"
        case .sticker: "[\(self(.sentSticker))] \(message.body)"
        case .location(let uri): "[\(self(.sentLocation))] \(message.body) \(uri)"
        }
    }

    func membership(_ change: MembershipChange, sender: String) -> String {
        let phrase: Phrase
        var values = ["name": change.name, "sender": sender]
        switch change.kind {
        case .joined: phrase = .memberJoined
        case .left: phrase = .memberLeft
        case .invited: phrase = .memberInvited
        case .knocked: phrase = .memberKnocked
        case .banned: phrase = .memberBanned
        case .unbanned: phrase = .memberUnbanned
        case .kicked: phrase = .memberKicked
        case .inviteRejected: phrase = .inviteRejected
        case .inviteWithdrawn: phrase = .inviteWithdrawn
        case .renamed(let from, let to):
            phrase = .memberRenamed
            values["from"] = from ?? change.userID.string
            values["name"] = to ?? change.userID.string
        case .changedAvatar: phrase = .avatarChanged
        case .none: return ""
        }
        return self(phrase, values)
    }

    func state(_ notice: StateNotice, sender: String) -> String {
        let values = ["sender": sender, "text": notice.text ?? ""]
        return switch notice.type {
        case "m.room.create": self(.roomCreated, values)
        case "m.room.name": self(.roomNamed, values)
        case "m.room.topic": self(.roomTopic, values)
        case "m.room.encryption": self(.roomEncrypted)
        case "m.room.tombstone", "m.room.pinned_events", "m.room.server_acl": self(.roomChanged, values)
        // Who may do what, and the like: settings that say nothing in a conversation.
        default: ""
        }
    }

    func reason(_ reason: UnreadableReason) -> String {
        switch reason {
        case .keysMissing: self(.keysMissing)
        case .sentBeforeThisDevice: self(.sentBeforeDevice)
        case .withheld: self(.keysWithheld)
        case .invalid: self(.damaged)
        }
    }

    /// What is wrong with how an item came, nil when nothing is.
    func warning(_ protection: Protection) -> String? {
        guard case .doubtful(let doubt) = protection else { return nil }
        return switch doubt {
        case .unsignedDevice: self(.doubtUnsigned)
        case .unknownDevice: self(.doubtUnknown)
        case .changedIdentity: self(.doubtChanged)
        case .unprovenSender: self(.doubtUnproven)
        }
    }

    func error(_ error: any Error) -> String {
        guard let error = error as? ClientError else { return "\(error)" }
        let values = ["reason": error.reason]
        return switch error.code {
        case .offline: self(.errorOffline)
        case .limited: self(.errorLimited)
        case .serverFailed: self(.errorServer)
        case .refused: self(.errorForbidden, values)
        case .signedOut: self(.errorSignedOut)
        case .notFound: self(.errorNotFound, values)
        case .identityChanged(let users): self(.errorIdentity, ["name": users.joined(separator: ", ")])
        default: self(.errorOther, values)
        }
    }

    func connection(_ state: ConnectionState, now: Int64) -> ConnectionStatus.State {
        switch state {
        case .stopped, .connecting: .connecting
        case .live: .online
        case .offline(let next, _): .offline(retryInSeconds: next > now ? Int((next - now + 999) / 1000) : nil)
        case .signedOut: .signedOut
        }
    }
}

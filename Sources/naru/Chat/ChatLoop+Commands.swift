import Foundation
import MatrixClient
import MatrixIdentifiers
import Terminal

extension ChatLoop {
    func run(_ command: SlashCommand, _ room: RoomID?) {
        switch command {
        case .direct, .create, .join: enter(command)
        case .invite, .leave, .accept, .decline, .name, .topic, .members: if let room { change(command, room) }
        case .search(let text): search(text)
        case .verify(let user): verify(user)
        case .trust(let user): trust(user)
        case .devices: showDevices()
        case .recovery(let key): recover(key)
        case .exportKeys, .importKeys: state.say("naru chat recovery --export|--import", .quiet)
        case .ignore(let user): ignore(user)
        default: break
        }
    }

    /// A user ID, for which the server may be left out when it is one's own.
    private func user(_ text: String) -> UserID? {
        if let id = UserID(text), text.contains(":") { return id }
        let name = text.hasPrefix("@") ? String(text.dropFirst()) : text
        return UserID("@\(name):\(session.userID.serverName.string)")
    }

    private func requireUser(_ text: String) -> UserID? {
        let id = user(text.trimmingCharacters(in: .whitespaces))
        if id == nil { state.say(phrases(.errorNotFound, ["reason": text]), .warning) }
        return id
    }

    // MARK: Chats

    private func enter(_ command: SlashCommand) {
        let (session, continuation) = (session, continuation)
        switch command {
        case .direct(let text):
            guard let id = requireUser(text) else { return }
            attempt { continuation.yield(.opened(try await session.directChat(with: id).id)) }
        case .create(let name, let invited, let isEncrypted):
            var creation = RoomCreation(.privateGroup, name: name.isEmpty ? nil : name)
            creation.invite = invited.compactMap { user($0) }
            creation.isEncrypted = isEncrypted
            let wanted = creation
            attempt { continuation.yield(.opened(try await session.createRoom(wanted).id)) }
        case .join(let address):
            attempt { continuation.yield(.opened(try await session.join(address).id)) }
        default: break
        }
    }

    private func change(_ command: SlashCommand, _ id: RoomID) {
        let (room, continuation, phrases) = (session.room(id), continuation, phrases)
        switch command {
        case .invite(let text):
            guard let user = requireUser(text) else { return }
            attempt {
                try await room.invite(user)
                continuation.yield(.said(phrases(.invited, ["name": user.string]), .secure))
            }
        case .accept:
            isJoining = true
            attempt { try await room.join() }
        case .decline, .leave:
            attempt {
                try await room.leave()
                continuation.yield(.closed(id))
            }
        case .name(let name): attempt { try await room.setName(name) }
        case .topic(let topic): attempt { try await room.setTopic(topic) }
        case .members: showMembers(room)
        default: break
        }
    }

    private func showMembers(_ room: Room) {
        let (session, continuation, phrases) = (session, continuation, phrases)
        attempt {
            let members = try await room.members().filter { $0.membership == .join || $0.membership == .invite }
            var items: [Panel.Item] = []
            for member in members.prefix(500) {
                let isVerified = await session.encryption.trust(of: member.id) == .verified
                var spans = [
                    Span(DisplayText.line(member.name, maximumLength: 60), .name(of: member.id.string)),
                    Span("  \(DisplayText.line(member.id.string))", .quiet),
                ]
                if member.membership == .invite { spans.append(Span("  \(phrases(.invitation))", .unread)) }
                if isVerified { spans.append(Span("  \(phrases(.verifiedMark))", .secure)) }
                items.append(Panel.Item(member.id.string, spans))
            }
            let title = "\(phrases(.membersTitle)) (\(members.count))"
            continuation.yield(.panel(Panel(.members, title: title, items: items)))
        }
    }

    private func search(_ text: String) {
        let (session, continuation, phrases) = (session, continuation, phrases)
        let names = Dictionary(
            rooms.map { ($0.id.string, phrases.name($0.name)) }, uniquingKeysWith: { $1 })
        attempt {
            let items = try await session.search(text, limit: 100).map { result in
                let name = names[result.roomID.string] ?? result.roomID.string
                let time = phrases.shortTime(systemWallTime(result.timestamp), now: systemWallTime(systemNow()))
                return Panel.Item(
                    result.roomID.string,
                    [
                        Span("\(DisplayText.line(name, maximumLength: 20))  ", .title), Span("\(time)  ", .quiet),
                        Span(DisplayText.line(result.body)),
                    ])
            }
            let title = phrases(.searchTitle, ["query": DisplayText.line(text, maximumLength: 40)])
            let none = items.isEmpty ? [[Span(phrases(.nothingFound), .quiet)]] : []
            continuation.yield(.panel(Panel(.searchResults, title: title, text: none, items: items)))
        }
    }

    func choose(_ purpose: Panel.Purpose, _ item: String) {
        switch purpose {
        case .searchResults: if let id = RoomID(item) { open(id) }
        case .verification(let id): answer(id, item)
        default: break
        }
    }

    // MARK: Keys

    private func trust(_ text: String) {
        guard let id = requireUser(text) else { return }
        let (session, continuation, phrases) = (session, continuation, phrases)
        attempt {
            try await session.encryption.acceptIdentity(of: id)
            continuation.yield(.said(phrases(.done), .secure))
            continuation.yield(.encryptionChanged)
        }
    }

    private func ignore(_ text: String) {
        guard let id = requireUser(text) else { return }
        let (session, continuation, phrases) = (session, continuation, phrases)
        attempt {
            let isIgnored = await session.ignoredUsers().contains(id)
            try await session.setIgnored(!isIgnored, id)
            continuation.yield(.said(phrases(.done), .secure))
        }
    }

    private func showDevices() {
        let (session, continuation, phrases) = (session, continuation, phrases)
        attempt {
            let devices = try await session.encryption.devices(of: session.userID)
            let text = devices.map { phrases.line($0, ownID: session.deviceID) }
            continuation.yield(.panel(Panel(.devices, title: phrases(.devicesTitle), text: text)))
        }
    }

    private func recover(_ key: String?) {
        let (session, continuation, phrases) = (session, continuation, phrases)
        attempt {
            if let key {
                try await session.encryption.recover(key)
                continuation.yield(.said(phrases(.recoveryDone), .secure))
                return
            }
            for await status in await session.encryption.status() {
                let text: [[Span]]
                switch status.recovery {
                case .locked: text = [[Span(phrases(.recoveryExists), .warning)]]
                case .on: text = [[Span(phrases(.recoveryOn, ["keys": "\(status.keysToBackUp)"]), .secure)]]
                case .off:
                    let new = try await session.encryption.setUpRecovery()
                    text = [[Span(new, .title)], [], [Span(phrases(.recoveryKeyAbout))]]
                }
                continuation.yield(.panel(Panel(.text, title: phrases(.recoveryTitle), text: text)))
                return
            }
        }
    }
}

import MatrixClient
import MatrixIdentifiers
import Terminal

extension ChatLoop {
    var rows: ChatRows { ChatRows(phrases: phrases) }

    func take(_ rooms: [RoomSummary]) {
        self.rooms = rooms
        state.setRooms(rooms.map(rows.row))
        if let awaited = awaitedRoomID, summary(of: awaited) != nil {
            awaitedRoomID = nil
            open(awaited)
        }
        guard let open = state.room, let id = RoomID(open.id) else { return }
        guard let summary = summary(of: id) else { return closeRoom() }
        let hasJoined = open.isInvitation && summary.membership == .join
        describe(summary)
        if hasJoined {
            isJoining = false
            observe(id)
        }
    }

    func summary(of id: RoomID) -> RoomSummary? {
        rooms.first { $0.id.string.utf8.elementsEqual(id.string.utf8) }
    }

    /// Puts into the open chat what the list says of it.
    private func describe(_ summary: RoomSummary) {
        state.room?.name = phrases.name(summary.name)
        state.room?.memberCount = summary.joinedCount + summary.invitedCount
        state.room?.isInvitation = summary.membership == .invite
        if !summary.isEncrypted {
            state.room?.security = .open
        } else if state.room?.security == .open {
            state.room?.security = .encrypted(unverifiedDevices: 0)
            checkSecurity()
        }
    }

    func open(_ id: RoomID) {
        guard let summary = summary(of: id) else {
            awaitedRoomID = id
            return
        }
        if !isOpen(id) { (items, isJoining) = ([:], false) }
        let security: LineSecurity = summary.isEncrypted ? .encrypted(unverifiedDevices: 0) : .open
        state.show(ChatState.OpenRoom(id: id.string, name: phrases.name(summary.name), security: security))
        describe(summary)
        if summary.membership == .join { observe(id) }
        checkSecurity()
    }

    func closeRoom() {
        observation?.cancel()
        (observation, timeline, items) = (nil, nil, [:])
        state.closeRoom()
    }

    /// Follows the chat instead of the one before.
    private func observe(_ id: RoomID) {
        observation?.cancel()
        timeline = nil
        let (session, continuation, phrases) = (session, continuation, phrases)
        // A task of its own, since it ends when another chat is opened; run() cancels the last one.
        observation = Task {
            do {
                let timeline = try await session.room(id).timeline(latest: 60)
                continuation.yield(.timelineOpened(timeline))
                for await snapshot in await timeline.updates() { continuation.yield(.timeline(snapshot, room: id)) }
            } catch {
                continuation.yield(.said(phrases(.problem, ["reason": phrases.error(error)]), .failure))
            }
        }
    }

    func take(_ snapshot: TimelineSnapshot, of room: RoomID) {
        guard isOpen(room) else { return }
        items = [:]
        var messages: [MessageRow] = []
        var lastReadID: String?
        for item in snapshot.items {
            if item.id == snapshot.firstUnread { lastReadID = messages.last?.id }
            guard let row = rows.row(item) else { continue }
            items[row.id] = item
            messages.append(row)
        }
        // The mark stays where it was when the chat was opened.
        if state.room?.messages.isEmpty == true { state.room?.lastReadID = lastReadID }
        state.setMessages(messages, hasOlder: snapshot.hasEarlier)
        let names = Dictionary(
            snapshot.items.map { ($0.sender.string, $0.senderName) }, uniquingKeysWith: { $1 })
        state.room?.typing = snapshot.typing.map { names[$0.string] ?? $0.localpart }
    }

    /// After a failure, it is tried again only after a while: the connection's state is said elsewhere.
    func loadOlder(_ room: String) {
        guard let id = RoomID(room), isOpen(id), let timeline else {
            state.room?.isLoadingOlder = false
            return
        }
        state.room?.isLoadingOlder = true
        let continuation = continuation
        start {
            do {
                try await timeline.loadEarlier(60)
            } catch {
                try? await Task.sleep(for: .seconds(10))
            }
            continuation.yield(.olderLoaded(room: id))
        }
    }

    func markRead(_ room: String, _ message: String) {
        guard let id = RoomID(room), let item = items[message] else { return }
        let session = session
        // Whether it comes through now matters little: the next one says it too.
        start { try? await session.room(id).markRead(upTo: item.id) }
    }

    // MARK: Whether the line is secure

    /// Looks up whom and what the open chat is encrypted for.
    func checkSecurity() {
        guard let open = state.room, let id = RoomID(open.id), summary(of: id)?.isEncrypted == true else { return }
        let (session, continuation) = (session, continuation)
        start {
            if let security = await LineInspection(session: session).security(of: id) {
                continuation.yield(.security(security, room: id))
            }
        }
    }
}

/// Finds out how secure an encrypted chat is.
struct LineInspection {
    /// In larger rooms nobody has compared with everybody, and asking for all devices takes its time.
    private static let maximumMembers = 50

    let session: Session

    /// Nil when it cannot be found out now.
    func security(of room: RoomID) async -> LineSecurity? {
        guard let members = try? await session.room(room).members() else { return nil }
        let present = members.filter { $0.membership == .join || $0.membership == .invite }
        var changed: [String] = []
        var (unverifiedDevices, areAllVerified) = (0, true)
        for member in present.prefix(Self.maximumMembers) {
            let isOwn = member.id.string.utf8.elementsEqual(session.userID.string.utf8)
            if !isOwn {
                switch await session.encryption.trust(of: member.id) {
                case .changed: changed.append(member.name)
                case .verified: break
                case .none, .unverified: areAllVerified = false
                }
            }
            let devices = (try? await session.encryption.devices(of: member.id)) ?? []
            unverifiedDevices += devices.count { device in
                !(isOwn && device.id.utf8.elementsEqual(session.deviceID.utf8)) && !device.isVerified
            }
        }
        if !changed.isEmpty { return .blocked(by: changed) }
        if present.count > 1, areAllVerified, unverifiedDevices == 0, present.count <= Self.maximumMembers {
            return .verified
        }
        return .encrypted(unverifiedDevices: unverifiedDevices)
    }
}

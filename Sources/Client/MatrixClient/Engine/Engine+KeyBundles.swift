import CanonicalJSON
import EncryptedAttachments
import EncryptionMachine
import MatrixIdentifiers

/// Sharing the encrypted history of a room with somebody who is invited.
///
/// https://spec.matrix.org/v1.19/client-server-api/#sharing-room-history
extension Engine {
    /// So often the devices of somebody may change while he is given the history.
    private static let maximumAttempts = 10
    /// An invitation that was accepted longer ago opens no bundle.
    static let maximumInvitationAge: Int64 = 24 * 60 * 60 * 1000

    /// Gives somebody the keys of what newcomers may read, as far as that is possible: he is invited in any case.
    func shareHistory(of roomID: RoomID, with user: UserID) async {
        guard let machine = machineHost.machine, rooms[roomID]?.isEncrypted == true else { return }
        do throws(ClientError) {
            let bundle = machine.makeKeyBundle(in: roomID.string)
            try commit([])
            guard let bundle else { return }
            let encrypted = AttachmentEncryptor.encrypt(bundle, random: environment.random)
            let url = try await upload(encrypted.ciphertext, mimeType: "application/octet-stream", name: nil)
            let file = EncryptedFile(url: url, secrets: encrypted.secrets).json
            for _ in 0..<Self.maximumAttempts {
                guard try share(file, of: roomID, with: user) else { return }
                try await flushMachine()
            }
        } catch {
            // A server without files, or none that can be reached: the newcomer reads from now on.
        }
    }

    /// - Returns: whether requests must be answered before it is tried again.
    private func share(_ file: JSONObject, of roomID: RoomID, with user: UserID) throws(ClientError) -> Bool {
        let readiness: Readiness
        do {
            readiness = try machineHost.required().shareKeyBundle(file, in: roomID.string, with: user.string)
        } catch {
            throw ClientError(.encryption, "the history cannot be shared")
        }
        try commit([])
        if case .waiting = readiness { return true }
        machineBell.ring()
        return false
    }

    /// Fetches the bundles that were offered by those whose invitations have just been accepted.
    func fetchKeyBundles() async throws(ClientError) {
        guard let machine = machineHost.machine else { return }
        for roomID in offeredBundles {
            guard let room = rooms[roomID], room.membership == .join, let inviter = room.acceptedFrom,
                environment.now() - room.acceptedAt < Self.maximumInvitationAge,
                let offer = machine.keyBundle(in: roomID.string, from: inviter.string)
            else {
                offeredBundles.remove(roomID)
                continue
            }
            var attachment = Attachment(name: "")
            attachment.encryption = offer.file
            do throws(ClientError) {
                let bundle = try await download(attachment)
                let news: [MachineNews]
                do {
                    news = try machine.importKeyBundle(bundle, in: roomID.string, from: inviter.string)
                } catch {
                    throw ClientError(.encryption, "the history that was shared cannot be read")
                }
                try settle(news)
            } catch {
                if error.isTemporary { throw error }
                machine.discardKeyBundle(in: roomID.string, from: inviter.string)
                try commit([])
            }
            offeredBundles.remove(roomID)
        }
    }
}

import CanonicalJSON
import EncryptedAttachments
import MatrixAPI
import MatrixIdentifiers

/// Files: what is encrypted leaves the device encrypted.
///
/// https://spec.matrix.org/v1.19/client-server-api/#content-repository
extension Engine {
    /// A slow network takes its time for large files.
    private static let mediaTimeout = Duration.seconds(600)

    func upload(_ bytes: [UInt8], mimeType: String, name: String?) async throws(ClientError) -> String {
        let query = name.map { "?filename=" + PercentEncoding.encode($0) } ?? ""
        let call = ServerCaller.Call(
            method: "POST", target: "/_matrix/media/v3/upload" + query, body: bytes, contentType: mimeType,
            timeout: Self.mediaTimeout)
        let answer = try ServerCaller.json(try await send(call))
        guard let url = answer.string(at: "content_uri"), MediaAddress(url) != nil else {
            throw ClientError(.brokenAnswer, "the server does not say where the file is")
        }
        return url
    }

    func download(_ attachment: Attachment) async throws(ClientError) -> [UInt8] {
        if let encryption = attachment.encryption {
            let file: EncryptedFile
            do {
                file = try EncryptedFile(json: encryption)
            } catch {
                throw ClientError(.encryption, "the file is encrypted in an unknown way")
            }
            let ciphertext = try await fetch(file.url)
            do {
                return try file.decrypt(ciphertext)
            } catch {
                throw ClientError(.encryption, "the file is not the one that was sent")
            }
        }
        guard let url = attachment.url else { throw ClientError(.notFound, "the file has not been uploaded yet") }
        return try await fetch(url)
    }

    private func fetch(_ url: String) async throws(ClientError) -> [UInt8] {
        guard let address = MediaAddress(url) else { throw ClientError(.invalidRequest, "this is no file's address") }
        var call = ServerCaller.Call(method: "GET", target: "/_matrix/client/v1/media/download/" + address.path)
        call.timeout = Self.mediaTimeout
        call.maximumResponseBytes = 1 << 30
        let response = try await send(call)
        guard response.status == 200 else { throw ServerCaller.refusal(response) }
        return response.body
    }

    /// The step of an entry in which its file is uploaded. When it is interrupted, the file is encrypted anew, with
    /// another key.
    func upload(_ entry: QueueEntry) async throws(ClientError) {
        guard let upload = entry.upload, let bytes = try store.value(of: entry.uploadKey) else {
            throw ClientError(.notFound, "the file is not there any more")
        }
        var content = entry.content
        if rooms[entry.roomID]?.isEncrypted == true {
            let encrypted = AttachmentEncryptor.encrypt(bytes, random: environment.random)
            // The server learns neither the name nor the kind.
            let url = try await self.upload(encrypted.ciphertext, mimeType: "application/octet-stream", name: nil)
            content["file"] = .object(EncryptedFile(url: url, secrets: encrypted.secrets).json)
        } else {
            content["url"] = .string(try await self.upload(bytes, mimeType: upload.mimeType, name: upload.name))
        }
        guard var queue = queues[entry.roomID], var now = queue[entry.transactionID] else { return }
        now.upload = nil
        now.content = content
        var draft = Draft()
        draft.changes = queue.replace(now) + [StoreChange(entry.uploadKey, nil)]
        draft.queues[entry.roomID] = queue
        draft.touched.insert(entry.roomID)
        try finish(draft)
    }
}

/// `mxc://server/id`
struct MediaAddress: Equatable {
    let serverName: ServerName
    let id: String

    init?(_ url: String) {
        let prefix = "mxc://"
        guard url.hasPrefix(prefix) else { return nil }
        let parts = url.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let server = ServerName(String(parts[0])), !parts[1].isEmpty,
            parts[1].utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            })
        else { return nil }
        serverName = server
        id = String(parts[1])
    }

    var path: String { PercentEncoding.encode(serverName.string) + "/" + id }
}

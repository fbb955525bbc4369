import CanonicalJSON
import MatrixIdentifiers

/// Reads and writes the contents of messages.
///
/// https://spec.matrix.org/v1.19/client-server-api/#mroommessage-msgtypes
extension Message {
    /// - Parameter isReply: whether a quotation at the beginning is to be left out, as old clients write one.
    init(content: JSONObject, type: String = "m.room.message", isReply: Bool) {
        let body = content.string(at: "body") ?? ""
        self.init(body: isReply ? Self.withoutQuotation(body) : body)
        if content.string(at: "format") == "org.matrix.custom.html" {
            formattedBody = content.string(at: "formatted_body")
        }
        if type == "m.sticker" {
            kind = .sticker(Attachment(content: content))
            return
        }
        switch content.string(at: "msgtype") {
        case "m.text", nil: kind = .text
        case "m.emote": kind = .emote
        case "m.notice": kind = .notice
        case "m.image": kind = .image(Attachment(content: content))
        case "m.file": kind = .file(Attachment(content: content))
        case "m.audio": kind = .audio(Attachment(content: content))
        case "m.video": kind = .video(Attachment(content: content))
        case "m.location": kind = .location(uri: content.string(at: "geo_uri") ?? "")
        case .some(let type): kind = .other(type: type)
        }
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#fallbacks-for-rich-replies, of earlier versions: lines that
    /// begin with `> `, and an empty one.
    private static func withoutQuotation(_ body: String) -> String {
        guard body.hasPrefix("> ") else { return body }
        var lines = body.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while lines.first?.hasPrefix(">") == true { lines = lines.dropFirst() }
        if lines.first?.isEmpty == true { lines = lines.dropFirst() }
        return lines.joined(separator: "\n")
    }
}

extension Attachment {
    init(content: JSONObject) {
        let info = content["info"]
        let file = content["file"]?.objectValue
        self.init(
            name: content.string(at: "filename") ?? content.string(at: "body") ?? "",
            mimeType: info?["mimetype"]?.stringValue, byteCount: info?["size"]?.integerValue,
            url: file?.string(at: "url") ?? content.string(at: "url"))
        encryption = file
        width = info?["w"]?.integerValue
        height = info?["h"]?.integerValue
        durationMilliseconds = info?["duration"]?.integerValue
    }
}

extension OutgoingMessage {
    /// The content without relations.
    var content: JSONObject {
        let type =
            switch kind {
            case .text: "m.text"
            case .emote: "m.emote"
            case .notice: "m.notice"
            }
        var content: JSONObject = ["msgtype": .string(type), "body": .string(body)]
        if let formattedBody {
            content["format"] = "org.matrix.custom.html"
            content["formatted_body"] = .string(formattedBody)
        }
        // Always there: without it old rules would look for names in the text.
        var mentions: JSONObject = [:]
        if !self.mentions.isEmpty { mentions["user_ids"] = .array(self.mentions.map { .string($0.string) }) }
        if mentionsRoom { mentions["room"] = true }
        content["m.mentions"] = .object(mentions)
        return content
    }
}

extension OutgoingFile {
    /// The content without the file's address, which is known when it has been uploaded.
    var content: JSONObject {
        let type =
            switch kind {
            case .image: "m.image"
            case .file: "m.file"
            case .audio: "m.audio"
            case .video: "m.video"
            }
        var info: JSONObject = ["mimetype": .string(mimeType), "size": .integer(Int64(bytes.count))]
        if let width { info["w"] = .integer(width) }
        if let height { info["h"] = .integer(height) }
        if let durationMilliseconds { info["duration"] = .integer(durationMilliseconds) }
        return [
            "msgtype": .string(type), "body": .string(caption ?? name), "filename": .string(name),
            "info": .object(info), "m.mentions": [:],
        ]
    }
}

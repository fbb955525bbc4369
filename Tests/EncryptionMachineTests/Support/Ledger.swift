import CanonicalJSON
import EncryptionMachine
import Megolm
import Testing
import UnpaddedBase64

/// Every ciphertext that left a device, by its place in its ratchet: no place may carry two.
final class Ledger {
    private var megolm: [String: String] = [:]
    private var olm: [[UInt8]: String] = [:]
    private(set) var count = 0

    func note(roomContent: JSONObject, text: String) {
        guard let session = roomContent["session_id"]?.stringValue, let body = roomContent["ciphertext"]?.stringValue,
            let message = try? MegolmMessage(base64: body)
        else {
            Issue.record("no Megolm message")
            return
        }
        count += 1
        let place = session + "/" + String(message.index)
        if let other = megolm[place] { #expect(other == body, "index \(message.index) of a session was used twice") }
        megolm[place] = body
    }

    /// The Olm messages of a to-device request.
    func note(_ request: OutgoingRequest) {
        guard request.kind == .sendToDevice, let body = try? JSONParser.parse(request.body).objectValue else { return }
        for user in body["messages"]?.objectValue?.members ?? [] {
            for device in user.value.objectValue?.members ?? [] {
                for text in device.value.objectValue?["ciphertext"]?.objectValue?.members ?? [] {
                    note(olm: text.value.objectValue ?? JSONObject(), to: text.key)
                }
            }
        }
    }

    private func note(olm message: JSONObject, to receiver: String) {
        guard let body = message["body"]?.stringValue, var bytes = UnpaddedBase64.decode(body) else { return }
        if message["type"]?.integerValue == 0 { bytes = Self.field(0x22, in: bytes) ?? [] }
        guard let ratchetKey = Self.field(0x0A, in: bytes), let index = Self.number(0x10, in: bytes) else {
            Issue.record("no Olm message")
            return
        }
        count += 1
        let place = Array(receiver.utf8) + ratchetKey + Array(String(index).utf8)
        if let other = olm[place] { #expect(other == body, "a place of an Olm ratchet was used twice") }
        olm[place] = body
    }

    /// The value of a length-delimited field of the message formats.
    private static func field(_ tag: UInt8, in bytes: [UInt8]) -> [UInt8]? {
        walk(bytes) { $0 == tag ? $1 : nil }
    }

    private static func number(_ tag: UInt8, in bytes: [UInt8]) -> Int? {
        walk(bytes) { found, value in
            found == tag ? value.reversed().reduce(0) { $0 << 7 | Int($1 & 0x7F) } : nil
        }
    }

    private static func walk<Value>(_ bytes: [UInt8], _ body: (UInt8, [UInt8]) -> Value?) -> Value? {
        var position = 1
        func varint() -> [UInt8] {
            var value: [UInt8] = []
            while position < bytes.count {
                value.append(bytes[position])
                position += 1
                if value[value.count - 1] & 0x80 == 0 { break }
            }
            return value
        }
        while position < bytes.count {
            let tag = bytes[position]
            position += 1
            var value = varint()
            if tag & 7 == 2 {
                let count = value.reversed().reduce(0) { $0 << 7 | Int($1 & 0x7F) }
                guard position + count <= bytes.count else { return nil }
                value = Array(bytes[position..<position + count])
                position += count
            }
            if let found = body(tag, value) { return found }
            if tag & 7 != 2, tag & 7 != 0 { return nil }
        }
        return nil
    }
}

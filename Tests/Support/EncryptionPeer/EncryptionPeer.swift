import CanonicalJSON
import Glibc

/// The encryption as a program that answers questions, one line of JSON each, so that tests in other languages can set
/// it against other implementations: `{"do": "encrypt", "session": 3, "plaintext": "…"}` → `{"type": 1, "body": "…"}`.
///
/// Bytes are Base64. What goes wrong is an answer with an `error`, and changes nothing.
@main
enum EncryptionPeer {
    static func main() {
        var peer = Peer()
        while let line = readLine() {
            let answer: JSONObject
            do {
                let request = Request(try JSONParser.parse(line).objectValue ?? [:])
                answer = try peer.answer(request)
            } catch {
                answer = ["error": .string("\(error)")]
            }
            print(String(decoding: answer.bytes(), as: UTF8.self))
            fflush(nil)
        }
    }
}

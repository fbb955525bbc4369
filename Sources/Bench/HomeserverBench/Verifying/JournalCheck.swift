/// Compares what a journal says was acknowledged with what the server's rooms hold.
package struct JournalCheck: Sendable, Equatable {
    package private(set) var acknowledgedCount = 0
    /// Acknowledged messages that no room holds.
    package private(set) var missing: [String] = []
    /// Messages that stand in a room more than once.
    package private(set) var repeated: [String] = []
    /// Messages that stand there under another event id than was answered.
    package private(set) var renamed: [String] = []
    /// Messages of the run that the server holds without having acknowledged them: sent, and then it was stopped.
    package private(set) var unacknowledgedCount = 0

    /// A message as a room's history holds it. `text` is the mark at the beginning of its body.
    package struct Found: Sendable, Equatable {
        let roomID: String
        let eventID: String
        let text: String

        package init(roomID: String, eventID: String, text: String) {
            self.roomID = roomID
            self.eventID = eventID
            self.text = text
        }
    }

    package init(journal: [JournalEntry], found: [Found]) {
        var byText: [String: [Found]] = [:]
        for message in found { byText[message.text, default: []].append(message) }
        for case .acknowledged(let roomID, _, let eventID, let text) in journal {
            acknowledgedCount += 1
            switch byText.removeValue(forKey: text) {
            case nil: missing.append(text)
            case .some(let messages) where messages.count > 1: repeated.append(text)
            case .some(let messages):
                if messages[0].eventID != eventID || messages[0].roomID != roomID { renamed.append(text) }
            }
        }
        for (text, messages) in byText {
            unacknowledgedCount += 1
            if messages.count > 1 { repeated.append(text) }
        }
    }
}

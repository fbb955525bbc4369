/// Something that lies over the chats: help, a choice, a question.
package struct Panel: Sendable, Equatable {
    package enum Purpose: Sendable, Equatable {
        case help, switcher, searchResults, secure, devices, members, reactions(message: String), text
        case messageMenu(message: String)
        /// A question whose `yes` does what it says.
        case confirmation(ChatAction)
        /// Somebody asks to compare, the emoji are compared, or the other side is waited for.
        case verification(id: String)
    }

    package struct Item: Sendable, Equatable, Identifiable {
        package var id: String
        package var spans: [Span]

        package init(_ id: String, _ spans: [Span]) {
            (self.id, self.spans) = (id, spans)
        }
    }

    package var purpose: Purpose
    package var title: String
    /// Text above the items; it is wrapped, and scrolls when there are no items.
    package var text: [[Span]]
    package var items: [Item]
    package var selection = 0
    package var scroll = 0
    /// What is typed to find among the items.
    package var query: Composer?

    package init(_ purpose: Purpose, title: String, text: [[Span]] = [], items: [Item] = []) {
        (self.purpose, self.title, self.text, self.items) = (purpose, title, text, items)
    }

    var selectedItem: Item? { items.indices.contains(selection) ? items[selection] : nil }

    mutating func move(by steps: Int) {
        if items.isEmpty {
            scroll = max(scroll + steps, 0)
        } else {
            selection = min(max(selection + steps, 0), items.count - 1)
        }
    }
}

/// What the screen asks of the outside.
package indirect enum ChatAction: Sendable, Equatable {
    case send(room: String, text: String, replyTo: String?, isEmote: Bool)
    case edit(room: String, message: String, text: String)
    case react(room: String, message: String, key: String)
    case unsend(room: String, message: String)
    case retry(room: String, message: String)
    case cancel(room: String, message: String)
    case save(room: String, message: String, path: String?)
    case sendFile(room: String, path: String)
    case open(room: String)
    case loadOlder(room: String)
    case markRead(room: String, message: String)
    case typing(room: String, isTyping: Bool)
    /// A command that the screen itself has nothing to do with, with the open chat.
    case command(SlashCommand, room: String?)
    /// An item of a panel was taken.
    case choose(Panel.Purpose, item: String)
    /// A panel that waits for an answer was closed without one.
    case dismiss(Panel.Purpose)
    case suspend, redraw, quit, bell
}

/// Which part of a chat's history is seen: anchored at the message at its lower edge, so that what comes in below or is
/// fetched above moves nothing.
package struct Viewport: Sendable, Equatable {
    /// The message at the lower edge; nil for the newest, which is followed.
    package private(set) var bottomID: String?
    /// How many of its lines are below the edge.
    private var hiddenLines = 0

    package init() {}

    package var followsNewest: Bool { bottomID == nil }

    /// What is seen of the history.
    package struct Window: Sendable, Equatable {
        package var lines: [TimelineLine]
        /// Messages wholly below the edge.
        package var countBelow: Int
        /// Whether the first line of all is among them.
        package var reachesTop: Bool
    }

    /// The messages with their lines, laid out when they are asked for.
    struct History {
        let rows: [MessageRow]
        let layout: TimelineLayout
        let lastReadID: String?

        func lines(_ index: Int) -> [TimelineLine] {
            let previous = index > 0 ? rows[index - 1] : nil
            return layout.lines(
                of: rows[index], after: previous, endsRead: previous.map { $0.id == lastReadID } ?? false)
        }
    }

    package mutating func followNewest() { (bottomID, hiddenLines) = (nil, 0) }

    private func anchor(in history: History) -> (index: Int, hidden: Int) {
        let last = history.rows.count - 1
        guard let bottomID, let index = history.rows.lastIndex(where: { $0.id == bottomID }) else { return (last, 0) }
        return (index, hiddenLines)
    }

    func window(_ history: History, height: Int) -> Window {
        guard !history.rows.isEmpty, height > 0 else { return Window(lines: [], countBelow: 0, reachesTop: true) }
        let (bottom, hidden) = anchor(in: history)
        var lines = Array(history.lines(bottom).dropLast(hidden))
        var index = bottom
        while index > 0, lines.count < height {
            index -= 1
            lines = history.lines(index) + lines
        }
        return Window(
            lines: lines.suffix(height), countBelow: history.rows.count - 1 - bottom,
            reachesTop: index == 0 && lines.count <= height)
    }

    /// Moves the view: up for positive numbers of lines. False when it is at the first line already.
    @discardableResult
    mutating func scroll(_ history: History, by lines: Int, height: Int) -> Bool {
        guard !history.rows.isEmpty else { return lines <= 0 }
        var (index, hidden) = anchor(in: history)
        hidden += lines
        while hidden < 0, index < history.rows.count - 1 {
            index += 1
            hidden += history.lines(index).count
        }
        while index > 0, hidden >= history.lines(index).count {
            hidden -= history.lines(index).count
            index -= 1
        }
        if hidden <= 0, index == history.rows.count - 1 {
            followNewest()
            return true
        }
        hidden = max(min(hidden, history.lines(index).count), 0)
        let moved = Viewport(bottomID: history.rows[index].id, hiddenLines: hidden)
        let window = moved.window(history, height: height)
        if lines > 0, window.lines.count < height {
            scrollToTop(history, height: height)
            return false
        }
        self = moved
        return !(lines > 0 && window.reachesTop)
    }

    /// Shows the first lines of all.
    private mutating func scrollToTop(_ history: History, height: Int) {
        var (index, count) = (0, history.lines(0).count)
        while count < height, index < history.rows.count - 1 {
            index += 1
            count += history.lines(index).count
        }
        if index == history.rows.count - 1, count <= height { return followNewest() }
        self = Viewport(bottomID: history.rows[index].id, hiddenLines: max(count - height, 0))
    }

    /// Moves as little as is needed for a message to be seen.
    mutating func reveal(_ id: String, _ history: History, height: Int) {
        guard let wanted = history.rows.lastIndex(where: { $0.id == id }) else { return }
        let (bottom, hidden) = anchor(in: history)
        if wanted > bottom || wanted == bottom && hidden > 0 {
            self = Viewport(bottomID: wanted == history.rows.count - 1 ? nil : id, hiddenLines: 0)
            return
        }
        var count = -hidden
        var index = wanted
        while index <= bottom, count <= height {
            count += history.lines(index).count
            index += 1
        }
        if count > height { putOnTop(wanted, history, height: height) }
    }

    /// Puts the first line of a message at the upper edge.
    private mutating func putOnTop(_ index: Int, _ history: History, height: Int) {
        var (bottom, count) = (index, history.lines(index).count)
        while count < height, bottom < history.rows.count - 1 {
            bottom += 1
            count += history.lines(bottom).count
        }
        if bottom == history.rows.count - 1, count <= height { return followNewest() }
        let hidden = max(count - height, 0)
        self = Viewport(bottomID: history.rows[bottom].id, hiddenLines: bottom == index ? 0 : hidden)
    }
}

extension Viewport {
    private init(bottomID: String?, hiddenLines: Int) {
        (self.bottomID, self.hiddenLines) = (bottomID, hiddenLines)
    }
}

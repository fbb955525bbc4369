import Dispatch
import Foundation
import Terminal

/// Where the chats are seen and written: a screen, or lines.
protocol ChatFace: AnyObject {
    /// How large it is.
    var size: ScreenSize { get }
    /// Whether the history is fetched as far as it is scrolled.
    var scrolls: Bool { get }
    func begin(_ continuation: AsyncStream<ChatEvent>.Continuation)
    func show(_ state: ChatState)
    /// What was done by an event of the device; nil when it means nothing to the chats.
    func input(_ event: DeviceEvent, _ state: inout ChatState) -> [ChatAction]
    func suspend()
    func redraw()
    func bell()
    func end()
}

/// The whole screen.
final class ScreenFace: ChatFace {
    private let device: TerminalDevice
    private let theme: ChatOpenCommand.Theme
    private var screen: ChatScreen
    private var decoder = KeyDecoder()
    private var shown: Canvas?

    init(device: TerminalDevice, theme: ChatOpenCommand.Theme) {
        self.device = device
        self.theme = theme
        let palette: Palette =
            switch theme {
            case .auto: Palette(environment: ProcessInfo.processInfo.environment)
            case .light: .light
            case .dark: .dark
            case .none: .colourless
            }
        screen = ChatScreen(palette: palette)
    }

    var size: ScreenSize { device.size() }
    var scrolls: Bool { true }

    func begin(_ continuation: AsyncStream<ChatEvent>.Continuation) {
        device.enter()
        let events = device.events()
        // Ends with the terminal's events, which end with the process.
        Task {
            for await event in events { continuation.yield(.device(event)) }
            continuation.yield(.device(.ended))
        }
    }

    func show(_ state: ChatState) {
        let canvas = screen.draw(state)
        device.write(ScreenUpdate.bytes(from: shown, to: canvas))
        shown = canvas
    }

    func input(_ event: DeviceEvent, _ state: inout ChatState) -> [ChatAction] {
        let inputs: [InputEvent]
        switch event {
        case .bytes(let bytes): inputs = decoder.feed(bytes)
        case .pause: inputs = decoder.flush()
        case .resized:
            state.size = device.size()
            shown = nil
            inputs = []
        case .resumed:
            state.size = device.size()
            shown = nil
            inputs = []
        case .stopRequested: return [.suspend]
        case .ended: return [.quit]
        }
        var actions: [ChatAction] = []
        for input in inputs {
            if case .ground(let isLight) = input, theme == .auto, screen.palette != .colourless {
                screen.palette = isLight ? .light : .dark
                shown = nil
            }
            actions += state.handle(input)
        }
        return actions
    }

    func suspend() { device.suspend() }
    func redraw() { shown = nil }
    func bell() { device.write([7]) }
    func end() { device.leave() }
}

/// One line after the other.
final class PlainFace: ChatFace {
    private var view: PlainView

    init(phrases: Phrases) { view = PlainView(phrases: phrases, clock: systemWallTime) }

    /// Wide enough that nothing is cut, and both panes are there.
    var size: ScreenSize { ScreenSize(columns: 200, rows: 50) }
    var scrolls: Bool { false }

    func begin(_ continuation: AsyncStream<ChatEvent>.Continuation) {
        // A thread of its own: reading waits. It ends with the input, or with the process.
        DispatchQueue(label: "naru.chat.lines").async {
            while let line = readLine() { continuation.yield(.line(line)) }
            continuation.yield(.device(.ended))
        }
    }

    func show(_ state: ChatState) { for line in view.lines(of: state) { printLine(line) } }
    func input(_ event: DeviceEvent, _ state: inout ChatState) -> [ChatAction] { event == .ended ? [.quit] : [] }
    func suspend() {}
    func redraw() {}
    func bell() {}
    func end() {}
}

/// Keeps a timeline loaded while somebody holds it.
final class TimelineToken: Sendable {
    let number: Int

    init(number: Int) { self.number = number }
}

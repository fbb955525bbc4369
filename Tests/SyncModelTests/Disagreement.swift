/// The server and the model say different things.
struct Disagreement: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

func agree<Value: Equatable>(_ server: Value, _ model: Value, _ what: @autoclosure () -> String) throws {
    guard server != model else { return }
    throw Disagreement("\(what()):\n  client \(server)\n  model  \(model)")
}

func hold(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    if !condition { throw Disagreement(what()) }
}

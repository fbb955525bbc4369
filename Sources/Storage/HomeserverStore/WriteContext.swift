/// What a command of the ``WriteQueue`` works with. Used on the writer's thread only, within one batch.
public final class WriteContext {
    /// The open transaction. Nil outside of it.
    public internal(set) var store: (any StoreWriter)!

    /// The latest position given out.
    public private(set) var position: StreamPosition
    private(set) var commitActions: [() -> Void] = []
    private(set) var rollbackActions: [() -> Void] = []
    private(set) var changes: [StreamChange] = []

    init(position: StreamPosition) { self.position = position }

    /// The position of the next durable change.
    public func nextPosition() -> StreamPosition {
        position = position.next
        return position
    }

    /// Has `action` run once the batch is durable, before the stream advances: memory that readers see.
    public func onCommit(_ action: @escaping () -> Void) { commitActions.append(action) }

    /// Has `action` run if this command or the batch fails: memory that only commands see.
    public func onRollback(_ action: @escaping () -> Void) { rollbackActions.append(action) }

    /// Tells the observer, once the stream has advanced.
    public func publish(_ change: StreamChange) { changes.append(change) }

    /// Runs a part of a command; when it throws, what it wrote and noted is undone, and the command may go on.
    public func attempt<Value>(_ body: () throws -> Value) throws -> Value {
        let mark = mark()
        do {
            return try store.savepoint(body)
        } catch {
            undo(to: mark)
            throw error
        }
    }

    // MARK: Undoing one command

    struct Mark {
        let position: StreamPosition
        let commitCount: Int
        let rollbackCount: Int
        let changeCount: Int
    }

    func mark() -> Mark {
        Mark(
            position: position, commitCount: commitActions.count, rollbackCount: rollbackActions.count,
            changeCount: changes.count)
    }

    func hasWritten(since mark: Mark) -> Bool {
        position != mark.position || rollbackActions.count != mark.rollbackCount
    }

    func undo(to mark: Mark) {
        for action in rollbackActions[mark.rollbackCount...].reversed() { action() }
        rollbackActions.removeSubrange(mark.rollbackCount...)
        commitActions.removeSubrange(mark.commitCount...)
        changes.removeSubrange(mark.changeCount...)
        position = mark.position
    }
}

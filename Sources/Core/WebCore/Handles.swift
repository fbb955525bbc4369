/// Objects that the host holds by number until it releases them. No number is given twice.
final class Handles<Object> {
    private let name: StaticString
    private var objects: [Int32: Object] = [:]
    private var last: Int32 = 0

    /// - Parameter name: what they are, for error messages.
    init(_ name: StaticString) { self.name = name }

    func insert(_ object: Object) -> Int32 {
        last += 1
        objects[last] = object
        return last
    }

    subscript(handle: Int32) -> Object {
        get throws(CallError) {
            guard let object = objects[handle] else { throw CallError(.noSuchObject, "there is no such \(name)") }
            return object
        }
    }

    /// Changes an object that is a value, in place.
    func update<Result>(
        _ handle: Int32, _ body: (inout Object) throws(CallError) -> Result
    ) throws(CallError) -> Result {
        guard var object = objects.removeValue(forKey: handle) else {
            throw CallError(.noSuchObject, "there is no such \(name)")
        }
        defer { objects[handle] = object }
        return try body(&object)
    }

    func release(_ handle: Int32) { objects[handle] = nil }

    var count: Int { objects.count }
}

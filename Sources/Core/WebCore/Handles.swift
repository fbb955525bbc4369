/// What the host holds by number. One table for everything: a table for each type would be compiled for each type.
private enum HeldObjects {
    nonisolated(unsafe) static var objects: [Int32: AnyHeld] = [:]
    nonisolated(unsafe) static var last: Int32 = 0
}

/// An object and what it is.
class AnyHeld {
    let kind: Kind

    init(kind: Kind) { self.kind = kind }

    enum Kind: UInt8 {
        case query, groupSender, groupReceiver, account, session, agreement, secret, encryptor, verifier, decryptor
        case machine
    }
}

final class Held<Object>: AnyHeld {
    var object: Object

    init(_ object: Object, kind: Kind) {
        self.object = object
        super.init(kind: kind)
    }
}

/// Objects of one type that the host holds by number until it releases them. No number is given twice.
struct Handles<Object> {
    let kind: AnyHeld.Kind

    func insert(_ object: Object) -> Int32 { insertHeld(Held(object, kind: kind)) }

    /// To read the object, or to change it in place.
    subscript(handle: Int32) -> Held<Object> {
        get throws(CallError) {
            // The kind says that it is one; a checked cast needs a runtime that Embedded Swift leaves out.
            unsafeDowncast(try held(handle, kind), to: Held<Object>.self)
        }
    }
}

@inline(never)
private func insertHeld(_ held: AnyHeld) -> Int32 {
    HeldObjects.last += 1
    HeldObjects.objects[HeldObjects.last] = held
    return HeldObjects.last
}

@inline(never)
private func held(_ handle: Int32, _ kind: AnyHeld.Kind) throws(CallError) -> AnyHeld {
    guard let held = HeldObjects.objects[handle], held.kind == kind else {
        throw CallError(.noSuchObject, "there is no such object, or it was released")
    }
    return held
}

/// Forgets an object of any kind.
func releaseHeld(_ handle: Int32) { HeldObjects.objects[handle] = nil }

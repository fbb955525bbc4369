import CanonicalJSON
import Primitives

/// How calls bring bytes in and take bytes out.
///
/// The host writes its arguments to the place that `naru_input` names, calls, reads the answer from the place that
/// `naru_output` names, and calls `naru_finish`. Both are lists of fields: four bytes for how long it is, least
/// significant first, then the field. A call returns what its documentation says or, below zero, the number of an
/// error, whose text is then the only field. Whatever is given back is overwritten (see `overwriteAndFree`): what went
/// in before the call returns, what came out by `naru_finish` or the next call.
enum Exchange {
    /// Of one argument list; a machine's largest is a sync answer.
    static let maximumInputBytes: Int32 = 128 << 20

    // One thread, and no call is made within another.
    nonisolated(unsafe) static var input: [UInt8] = []
    nonisolated(unsafe) static var output: [UInt8] = []
}

/// Why a call failed. Numbers are part of the interface: the host tells errors apart by them.
struct CallError: Error {
    enum Code: Int32 {
        /// The arguments are not what the call takes.
        case badArguments = 1
        /// There is no such object, or it was released.
        case noSuchObject = 2
        /// A text is not UTF-8 or not JSON, or bytes are not what they should be.
        case malformed = 3
        /// A signature, a code or a tag is wrong, or a key is no good.
        case refused = 4
    }

    let code: Int32
    let text: String

    @inline(never)
    init(_ code: Code, _ text: StaticString) { self.init(code, text.description) }

    @inline(never)
    init(_ code: Code, _ text: String) {
        self.code = code.rawValue
        self.text = text
    }
}

/// Reads the fields of a call's arguments.
struct Arguments {
    private let list: [UInt8]
    private var position = 0

    init(_ list: [UInt8]) { self.list = list }

    /// The next field.
    mutating func bytes() throws(CallError) -> [UInt8] {
        guard list.count - position >= 4 else { throw CallError(.badArguments, "an argument is missing") }
        var count: UInt32 = 0
        for offset in 0..<4 { count |= UInt32(list[position + offset]) << UInt32(8 * offset) }
        guard count <= UInt32(list.count - position - 4) else {
            throw CallError(.badArguments, "an argument is longer than the arguments")
        }
        let start = position + 4
        position = start + Int(count)
        return Array(list[start..<position])
    }

    /// The next field, of which there must be so many bytes.
    mutating func bytes(_ count: Int, _ name: StaticString) throws(CallError) -> [UInt8] {
        let bytes = try bytes()
        guard bytes.count == count else { throw CallError(.badArguments, name) }
        return bytes
    }

    mutating func text() throws(CallError) -> String {
        guard let text = String(validating: try bytes(), as: UTF8.self) else {
            throw CallError(.malformed, "a text is not UTF-8")
        }
        return text
    }

    mutating func json() throws(CallError) -> JSONValue {
        let bytes = try bytes()
        do throws(JSONError) {
            return try JSONParser.parse(bytes)
        } catch {
            throw CallError(.malformed, error.description)
        }
    }

    mutating func object() throws(CallError) -> JSONObject {
        guard let object = try json().objectValue else { throw CallError(.malformed, "it is no JSON object") }
        return object
    }

    /// Whether every field was read.
    var isAtEnd: Bool { position == list.count }
}

/// Writes the fields of a call's answer.
struct Answer {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ field: [UInt8]) {
        addNumber(UInt32(field.count))
        bytes.append(contentsOf: field)
    }

    mutating func add(_ text: String) { add(Array(text.utf8)) }

    /// One field of numbers, four bytes each, least significant first.
    mutating func add(_ numbers: [UInt32]) {
        addNumber(UInt32(numbers.count * 4))
        for number in numbers { addNumber(number) }
    }

    private mutating func addNumber(_ number: UInt32) {
        for offset in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(8 * offset))) }
    }
}

/// One operation under way.
struct Call {
    var arguments: Arguments
    var answer = Answer()
    /// What an operation is told by number; which means what, its description says.
    let first: Int32
    let second: Int32
    let third: Int32
}

/// Runs one operation. See ``Exchange`` for what it takes and answers.
@c(naru_call)
func call(_ operation: Int32, _ first: Int32, _ second: Int32, _ third: Int32) -> Int32 {
    wipe(&Exchange.output)
    var call = Call(arguments: Arguments(Exchange.input), first: first, second: second, third: third)
    Exchange.input = []
    var result: Int32
    do throws(CallError) {
        guard let operation = Operation(rawValue: operation) else {
            throw CallError(.badArguments, "there is no such operation")
        }
        result = try operation.run(&call)
    } catch {
        call.answer = Answer()
        call.answer.add(error.text)
        result = -error.code
    }
    Exchange.output = call.answer.bytes
    overwriteStack()
    return result
}

/// The place for the arguments of the next call, `count` bytes; 0 when they are too many.
@c(naru_input)
func input(_ count: Int32) -> UnsafeMutableRawPointer? {
    guard 1...Exchange.maximumInputBytes ~= count else { return nil }
    Exchange.input = [UInt8](repeating: 0, count: Int(count))
    // It stays where it is until it is changed, and nothing changes it before the call.
    return Exchange.input.withUnsafeMutableBytes { $0.baseAddress }
}

/// Where the answer of the last call is.
@c(naru_output)
func output() -> UnsafeMutableRawPointer? { Exchange.output.withUnsafeMutableBytes { $0.baseAddress } }

@c(naru_output_count)
func outputCount() -> Int32 { Int32(Exchange.output.count) }

/// Overwrites the answer of the last call.
@c(naru_finish)
func finish() { wipe(&Exchange.output) }

import Glibc

/// Which decoder is fuzzed: `FUZZ_DECODER` names it. libFuzzer keeps the command line for itself.
private let decoder: Decoder = {
    let name = getenv("FUZZ_DECODER").map { String(cString: $0) } ?? ""
    guard let decoder = Decoder(rawValue: name) else {
        let names = Decoder.allCases.map(\.rawValue).joined(separator: ", ")
        preconditionFailure("FUZZ_DECODER must be one of \(names)")
    }
    return decoder
}()

/// Called once before all others. With `FUZZ_SEEDS` it writes inputs to begin with into that folder, and ends.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    guard let folder = getenv("FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
    for (number, seed) in Seeds().inputs(for: decoder).enumerated() {
        guard let file = fopen("\(folder)/seed-\(number)", "wb") else { preconditionFailure("\(folder) is not there") }
        fwrite(seed, 1, seed.count, file)
        fclose(file)
    }
    exit(0)
}

/// Called with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    decoder.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

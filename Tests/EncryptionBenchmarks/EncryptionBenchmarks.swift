import CanonicalJSON

/// How long Olm and Megolm take, on one core: one JSON object of microseconds an operation, for
/// `scripts/bench-encryption`, which sets other implementations beside them.
///
/// An argument picks the benchmarks whose names contain it, for a profiler to look at.
@main
enum EncryptionBenchmarks {
    static func main() throws {
        let wanted = CommandLine.arguments.dropFirst().first ?? ""
        var figures = JSONObject()
        for benchmark in try Benchmark.all() where benchmark.name.contains(wanted) || wanted.isEmpty {
            figures[benchmark.name] = .number(literal: "\(try benchmark.microseconds())")
        }
        print(String(decoding: figures.bytes(), as: UTF8.self))
    }
}

import CanonicalJSON
import Primitives
import RandomJSON
import Synchronization

/// One seeded source of chance for everything in a test.
final class SharedRandom: Sendable {
    private let generator: Mutex<SeededGenerator>
    let seed: UInt64

    init(_ generator: SeededGenerator = .fresh()) {
        seed = generator.seed
        self.generator = Mutex(SeededGenerator(seed: generator.seed))
    }

    private func next() -> UInt64 { generator.withLock { $0.next() } }
    /// A generator of its own for one question.
    private var fork: SeededGenerator { SeededGenerator(seed: next()) }

    var source: RandomSource {
        RandomSource { count in (0..<count).map { _ in UInt8(truncatingIfNeeded: self.next()) } }
    }

    func chance(_ percent: Int) -> Bool { number(0..<100) < percent }

    func number(_ range: Range<Int>) -> Int {
        var generator = fork
        return Int.random(in: range, using: &generator)
    }

    func element<Values: Collection>(_ values: Values) -> Values.Element? {
        var generator = fork
        return values.randomElement(using: &generator)
    }

    func shuffled<Value>(_ values: [Value]) -> [Value] {
        var generator = fork
        return values.shuffled(using: &generator)
    }

    func json() -> JSONObject {
        var generator = fork
        return RandomJSON.object(using: &generator)
    }
}

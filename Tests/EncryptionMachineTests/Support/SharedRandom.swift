import CanonicalJSON
import Primitives
import RandomJSON
import Synchronization

/// One seeded source of chance for everything in a test.
final class SharedRandom: Sendable {
    private let generator: Mutex<SeededGenerator>
    let seed: UInt64

    init(_ generator: SeededGenerator = .fresh()) {
        self.generator = Mutex(generator)
        seed = generator.seed
    }

    var source: RandomSource {
        RandomSource { count in
            self.generator.withLock { generator in
                (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            }
        }
    }

    func chance(_ percent: Int) -> Bool { generator.withLock { $0.chance(percent) } }
    func number(_ range: Range<Int>) -> Int { generator.withLock { Int.random(in: range, using: &$0) } }

    func element<Values: Collection>(_ values: Values) -> Values.Element? {
        generator.withLock { values.randomElement(using: &$0) }
    }

    func shuffled<Value>(_ values: [Value]) -> [Value] { generator.withLock { values.shuffled(using: &$0) } }
    func json() -> JSONObject { generator.withLock { RandomJSON.object(using: &$0) } }
}

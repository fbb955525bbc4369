import Primitives
import Testing

@Suite struct SecretTests {
    @Test func comparing() {
        #expect(constantTimeEqual([UInt8](), [UInt8]()))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3][...]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([0x81, 2, 3], [1, 2, 3]))
    }

    @Test func wipedStorageHoldsZeros() {
        var secret = (0..<64).map { UInt8($0 + 1) }
        let copy = secret.map { $0 }
        secret.withUnsafeMutableBufferPointer { _ in }  // Now nobody shares the storage.
        wipe(&secret)
        #expect(secret.isEmpty)
        #expect(copy.first == 1 && copy.last == 64)
    }

    @Test func copiesOutliveTheSecret() {
        let kept = SecretBytes([1, 2, 3]).bytes
        #expect(kept == [1, 2, 3])
        let literal: [UInt8] = [4, 5, 6]
        _ = SecretBytes(literal)
        #expect(literal == [4, 5, 6])
    }

    @Test func chanceIsAParameter() {
        let ones = RandomSource { [UInt8](repeating: 1, count: $0) }
        #expect(ones.bytes(3) == [1, 1, 1])
        #expect(Curve25519KeyPair(random: ones).secret == ones.bytes(32))
        #expect(Ed25519KeyPair(random: ones).seed == ones.bytes(32))
        #expect(RandomSource.system.bytes(0).isEmpty)
        #expect(RandomSource.system.bytes(33).count == 33)
        #expect(RandomSource.system.bytes(32) != RandomSource.system.bytes(32))
    }
}

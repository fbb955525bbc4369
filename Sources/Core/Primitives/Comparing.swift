/// Whether two byte strings are equal, in a time that depends on their lengths only.
///
/// For authentication codes and whatever else a stranger must not learn byte by byte.
@inline(never)
public func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (leftByte, rightByte) in zip(left, right) {
        difference |= leftByte ^ rightByte
    }
    return difference == 0
}

#if hasFeature(Embedded)
    // In WebAssembly what is small to load comes before what is quick to compare.
    /// Whether two strings are the same bytes. `==` would say that "é" and "e\u{301}" are equal.
    @inline(never)
    public func utf8Equal(_ left: String, _ right: String) -> Bool { utf8Compare(left, right) == 0 }
#else
    /// Whether two strings are the same bytes. `==` would say that "é" and "e\u{301}" are equal.
    @inline(__always)
    public func utf8Equal(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && utf8Compare(left, right) == 0
    }
#endif

/// Whether `left` stands before `right` in code-point order.
@inline(__always)
public func utf8Precedes(_ left: String, _ right: String) -> Bool {
    utf8Compare(left, right) < 0
}

/// Negative, zero or positive: the code-point order of two strings, which is the order of their UTF-8 bytes.
public func utf8Compare(_ left: String, _ right: String) -> Int {
    let fast = left.utf8.withContiguousStorageIfAvailable { leftBytes in
        right.utf8.withContiguousStorageIfAvailable { rightBytes in compare(leftBytes, rightBytes) }
    }
    if let order = fast ?? nil { return order }
    return Array(left.utf8).withUnsafeBufferPointer { leftBytes in
        Array(right.utf8).withUnsafeBufferPointer { rightBytes in compare(leftBytes, rightBytes) }
    }
}

private func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
    let shared = min(left.count, right.count)
    var index = 0
    while index < shared {
        let difference = Int(left[index]) - Int(right[index])
        if difference != 0 { return difference }
        index += 1
    }
    return left.count - right.count
}

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The operating system's words for an error number, beginning in lower case to fit into a sentence.
package func systemMessage(_ errorNumber: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    _ = strerror_r(errorNumber, &buffer, buffer.count)
    let message = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return message.prefix(1).lowercased() + message.dropFirst()
}

/// Bytes that cannot be what they are taken for.
package struct MalformedBytes: Error, Equatable, Sendable {
    package init() {}
}

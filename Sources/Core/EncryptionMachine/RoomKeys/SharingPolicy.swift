/// Which devices are given room keys. Blacklisted ones never are.
public enum SharingPolicy: UInt8, Sendable {
    /// Every device that is known. A server can then add a device of its own and read along.
    case allDevices = 1
    /// Devices that their owner's identity has signed; for users without an identity, and for the own user until this
    /// device sees an identity, all. What the specification recommends, and the default.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#recommended-client-behaviour
    case crossSignedDevices = 2
    /// Devices that their owner's identity has signed; users without an identity get nothing.
    case onlyCrossSignedDevices = 3
    /// Devices of users whose identity was verified.
    case verifiedUsers = 4
}

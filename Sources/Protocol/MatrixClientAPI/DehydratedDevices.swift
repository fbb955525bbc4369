import MatrixAPI

/// Not in the specification yet: https://github.com/matrix-org/matrix-spec-proposals/pull/3814
extension Endpoint {
    private static let dehydratedDevice = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"

    /// Keeps a device that receives keys while no other of the user's is there.
    public static let putDehydratedDevice = Endpoint("putDehydratedDevice", .put, dehydratedDevice)

    /// The device that is kept.
    public static let getDehydratedDevice = Endpoint("getDehydratedDevice", .get, dehydratedDevice)

    /// Deletes the device that is kept.
    public static let deleteDehydratedDevice = Endpoint("deleteDehydratedDevice", .delete, dehydratedDevice)

    /// The messages that the device has received. Clients send POST; the proposal has come to prefer GET.
    public static let postDehydratedDeviceEvents = Endpoint(
        "postDehydratedDeviceEvents", .post, dehydratedDevice + "/{deviceId}/events")

    /// The messages that the device has received.
    public static let getDehydratedDeviceEvents = Endpoint(
        "getDehydratedDeviceEvents", .get, dehydratedDevice + "/{deviceId}/events")
}

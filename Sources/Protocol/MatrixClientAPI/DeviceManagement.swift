import MatrixAPI

extension Endpoint {
    /// The user's devices.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3devices
    public static let getDevices = Endpoint("getDevices", .get, "/_matrix/client/v3/devices")

    /// One of the user's devices.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3devicesdeviceid
    public static let getDevice = Endpoint("getDevice", .get, "/_matrix/client/v3/devices/{deviceId}")

    /// Renames a device.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3devicesdeviceid
    public static let updateDevice = Endpoint("updateDevice", .put, "/_matrix/client/v3/devices/{deviceId}")

    /// Deletes a device, its tokens and its keys.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3devicesdeviceid
    public static let deleteDevice = Endpoint("deleteDevice", .delete, "/_matrix/client/v3/devices/{deviceId}")

    /// Deletes several devices.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3delete_devices
    public static let deleteDevices = Endpoint("deleteDevices", .post, "/_matrix/client/v3/delete_devices")
}

import MatrixAPI

extension Endpoint {
    /// Sends messages to devices.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3sendtodeviceeventtypetxnid
    public static let sendToDevice = Endpoint(
        "sendToDevice", .put, "/_matrix/client/v3/sendToDevice/{eventType}/{txnId}")
}

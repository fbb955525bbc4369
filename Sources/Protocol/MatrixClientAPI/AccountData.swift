import MatrixAPI

extension Endpoint {
    /// Sets account data of the user that no room has.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3useruseridaccount_datatype
    public static let setAccountData = Endpoint(
        "setAccountData", .put, "/_matrix/client/v3/user/{userId}/account_data/{type}")

    /// Reads account data of the user that no room has.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3useruseridaccount_datatype
    public static let getAccountData = Endpoint(
        "getAccountData", .get, "/_matrix/client/v3/user/{userId}/account_data/{type}")

    /// Sets account data of the user in a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3useruseridroomsroomidaccount_datatype
    public static let setAccountDataPerRoom = Endpoint(
        "setAccountDataPerRoom", .put, "/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}")

    /// Reads account data of the user in a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3useruseridroomsroomidaccount_datatype
    public static let getAccountDataPerRoom = Endpoint(
        "getAccountDataPerRoom", .get, "/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}")
}

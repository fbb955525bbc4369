import MatrixAPI

extension Endpoint {
    /// Other networks that can be reached from here.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartyprotocols
    public static let getProtocols = Endpoint("getProtocols", .get, "/_matrix/client/v3/thirdparty/protocols")

    /// One of them.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartyprotocolprotocol
    public static let getProtocolMetadata = Endpoint(
        "getProtocolMetadata", .get, "/_matrix/client/v3/thirdparty/protocol/{protocol}")

    /// Places of another network by its own names.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartylocationprotocol
    public static let queryLocationByProtocol = Endpoint(
        "queryLocationByProtocol", .get, "/_matrix/client/v3/thirdparty/location/{protocol}")

    /// Users of another network by its own names.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartyuserprotocol
    public static let queryUserByProtocol = Endpoint(
        "queryUserByProtocol", .get, "/_matrix/client/v3/thirdparty/user/{protocol}")

    /// The place of another network that an alias stands for.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartylocation
    public static let queryLocationByAlias = Endpoint(
        "queryLocationByAlias", .get, "/_matrix/client/v3/thirdparty/location")

    /// The user of another network that a user ID stands for.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartyuser
    public static let queryUserByID = Endpoint("queryUserByID", .get, "/_matrix/client/v3/thirdparty/user")
}

import MatrixAPI

extension Endpoint {
    /// One event of a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomideventeventid
    public static let getOneRoomEvent = Endpoint(
        "getOneRoomEvent", .get, "/_matrix/client/v3/rooms/{roomId}/event/{eventId}")

    /// One state of a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidstateeventtypestatekey
    public static let getRoomStateWithKey = Endpoint(
        "getRoomStateWithKey", .get, "/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}",
        otherPaths: ["/_matrix/client/v3/rooms/{roomId}/state/{eventType}"])

    /// The state of a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidstate
    public static let getRoomState = Endpoint("getRoomState", .get, "/_matrix/client/v3/rooms/{roomId}/state")

    /// The member events of a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidmembers
    public static let getMembersByRoom = Endpoint(
        "getMembersByRoom", .get, "/_matrix/client/v3/rooms/{roomId}/members")

    /// Who is in a room, with names and pictures.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidjoined_members
    public static let getJoinedMembersByRoom = Endpoint(
        "getJoinedMembersByRoom", .get, "/_matrix/client/v3/rooms/{roomId}/joined_members")
}

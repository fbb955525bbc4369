import MatrixAPI

extension Endpoint {
    /// Keeps a filter for syncs.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3useruseridfilter
    public static let defineFilter = Endpoint("defineFilter", .post, "/_matrix/client/v3/user/{userId}/filter")

    /// Reads a filter that was kept.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3useruseridfilterfilterid
    public static let getFilter = Endpoint("getFilter", .get, "/_matrix/client/v3/user/{userId}/filter/{filterId}")
}

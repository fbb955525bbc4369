import MatrixAPI

extension Endpoint {
    /// How long this server keeps messages. Not in the specification yet.
    ///
    /// https://github.com/matrix-org/matrix-spec-proposals/pull/1763
    public static let getRetentionConfiguration = Endpoint(
        "getRetentionConfiguration", .get,
        "/_matrix/client/unstable/org.matrix.msc1763/retention/configuration")
}

import MatrixAPI

// Accepted, but in no version of the specification yet:
// https://github.com/matrix-org/matrix-spec-proposals/pull/4186
extension Endpoint {
    /// A window onto the user's rooms and what is new in it, as it has been accepted.
    public static let slidingSync = Endpoint("slidingSync", .post, "/_matrix/client/v4/sync")

    /// The same as clients ask for it today.
    public static let slidingSyncUnstable = Endpoint(
        "slidingSyncUnstable", .post, "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync")
}

/// A user whom the benchmark may speak for.
struct MatrixSession: Sendable, Equatable {
    let userID: String
    let accessToken: String
}

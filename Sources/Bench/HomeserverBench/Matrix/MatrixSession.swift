/// A user whom the benchmark may speak for.
package struct MatrixSession: Sendable, Equatable {
    package let userID: String
    package let accessToken: String

    package init(userID: String, accessToken: String) {
        self.userID = userID
        self.accessToken = accessToken
    }
}

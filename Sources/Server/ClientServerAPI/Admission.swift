import Accounts
import HTTPServing
import MatrixAPI
import MatrixIdentifiers
import RateLimiting

/// Decides, in one place for all endpoints, whether a request may go on: what administrators have decided about the
/// account, and how much was asked already.
struct Admission: Sendable {
    let limiter: RateLimiter

    private static let suspended = MatrixError(
        403, .userSuspended, "you cannot do this while your account is suspended")

    func admit(_ caller: Caller, to route: RouteTable.Route, _ request: HTTPRequest) throws(MatrixError) {
        let session = caller.session
        if let session {
            if session.standing.isLocked, !route.isOpenToLocked { throw AccountService.userLocked }
            if session.standing.isSuspended, !route.isOpenToSuspended { throw Self.suspended }
        }
        guard limiter.isOn, let bucket = route.bucket, !caller.isExemptFromRateLimits else { return }
        try limiter.take(bucket, of: session?.userID.string ?? ClientAddress.of(request))
    }

    /// Somebody who is suspended may take back what he has said, and nothing that others have.
    ///
    /// - Parameter sender: of the event that is to be redacted; nil when there is no such event.
    static func admitRedaction(of sender: UserID?, by session: Session) throws(MatrixError) {
        guard session.standing.isSuspended, sender != session.userID else { return }
        throw suspended
    }
}

import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

struct VersionsRoutes: Routes {
    func register(on table: inout RouteTable) {
        table.on(.getVersions) { _ in Self.reply }
    }

    /// Each version is named: clients look for the one they know, not for a range.
    private static let reply = Reply.bytes(
        JSONObject(members: [
            ("versions", .array((1...19).map { .string("v1.\($0)") })),
            (
                "unstable_features",
                [
                    "org.matrix.msc2285.stable": true,
                    "org.matrix.msc3814": true,
                    "org.matrix.msc4222": true,
                    "org.matrix.simplified_msc3575": true,
                    "uk.tcpip.msc4133.stable": true,
                ]
            ),
        ]).bytes())
}

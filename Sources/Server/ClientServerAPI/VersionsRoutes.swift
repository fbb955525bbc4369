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
                    "fi.mau.msc2659.stable": true,
                    "fi.mau.msc2815": true,
                    "org.matrix.msc1763": true,
                    "org.matrix.msc2285.stable": true,
                    "org.matrix.msc3814": true,
                    "org.matrix.msc4140": true,
                    "org.matrix.msc4028": true,
                    "org.matrix.msc4076": true,
                    "org.matrix.msc4222": true,
                    "org.matrix.msc4380.stable": true,
                    "uk.half-shot.msc2666.query_mutual_rooms": true,
                    "uk.half-shot.msc2666.query_mutual_rooms.stable": true,
                    "org.matrix.simplified_msc3575": true,
                    "uk.tcpip.msc4133.stable": true,
                ]
            ),
        ]).bytes())
}

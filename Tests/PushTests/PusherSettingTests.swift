import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import ServerUnderTest
import Testing

@Suite struct PusherSettingTests {
    /// Rule 102: without `append` the same key of other users goes.
    @Test func aKeyIsOneUsersUnlessAppended() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(alice, pushkey: "shared")
            try await server.addPusher(bob, pushkey: "shared", keepsOthers: true)
            #expect(try await server.pushkeys(of: alice) == ["shared"])
            try await server.addPusher(bob, pushkey: "shared", appID: "another.app")
            #expect(try await server.pushkeys(of: alice) == ["shared"], "another application's key is another")
            try await server.addPusher(bob, pushkey: "shared")
            #expect(try await server.pushkeys(of: alice) == [])
            #expect(try await server.pushkeys(of: bob) == ["shared", "shared"])
            try await server.say("hello", as: bob, in: roomID)
            try await server.settle()
            #expect(gateway.calls.isEmpty)
        }
    }

    /// Rule 102: setting again changes the pusher, and what is outstanding stays.
    @Test func settingAgainChangesIt() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            gateway.answer(nil)
            let eventID = try await server.say("hello", as: alice, in: roomID)
            try await server.settle()
            gateway.answer(200)
            gateway.forgetCalls()
            let url = "https://new.example.org/_matrix/push/v1/notify"
            try await server.addPusher(bob, data: ["url": .string(url)])
            try await server.settle()
            #expect(gateway.calls.map(\.url) == [url], "at once: the new gateway has not failed")
            #expect(gateway.calls.map(\.eventID) == [eventID.string])
            #expect(try await server.pushkeys(of: bob) == ["key"])
        }
    }

    /// Rules 10, 11 and 102: a pusher goes with its device, however the device goes.
    @Test func aPusherGoesWithItsDevice() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            let tablet = try await server.user("bob", device: "TABLET")
            let desktop = try await server.user("bob", device: "DESKTOP")
            try await server.addPusher(bob, pushkey: "phone")
            try await server.addPusher(tablet, pushkey: "tablet")
            try await server.addPusher(desktop, pushkey: "desktop")
            try await server.accounts.deleteDevices([tablet.deviceID], of: bob.userID)
            #expect(try await server.pushkeys(of: bob) == ["phone", "desktop"])
            let session = try await server.accounts.session(
                accessToken: desktop.accessToken, remoteAddress: "127.0.0.1")
            try await server.accounts.signOut(session)
            try await server.say("hello", as: alice, in: roomID)
            try await server.settle()
            #expect(gateway.calls.map(\.pushkey) == ["phone"])
            try await server.accounts.signOutEverywhere(bob.userID)
            #expect(try await server.pushkeys(of: bob) == [])
            try await server.say("again", as: alice, in: roomID)
            try await server.settle()
            #expect(gateway.calls.count == 1)
        }
    }

    /// Signing in again on a device renews its tokens; the pusher stays.
    @Test func signingInAgainKeepsThePusher() async throws {
        try await withGateway { server, _, _, bob, _ in
            try await server.addPusher(bob)
            _ = try await server.user("bob", device: bob.deviceID)
            #expect(try await server.pushkeys(of: bob) == ["key"])
        }
    }

    @Test func aUserHasABoundedNumberOfPushers() async throws {
        try await withGateway { server, _, _, bob, _ in
            for number in 0..<50 { try await server.addPusher(bob, pushkey: "key \(number)") }
            let refused = await #expect(throws: MatrixError.self) { try await server.addPusher(bob, pushkey: "more") }
            #expect(refused?.code == .forbidden)
            try await server.addPusher(bob, pushkey: "key 7")
            #expect(try await server.pushkeys(of: bob).count == 50)
        }
    }
}

import HomeserverStore
import MatrixIdentifiers
import Testing

/// What the stores of end-to-end encryption promise beyond what the services' tests show.
@Suite struct EndToEndStoreTests {
    /// Rule 10.
    @Test(arguments: Backend.all) func everythingOfADeviceGoesWithIt(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let key = PublishedKey(algorithm: "a", keyID: "k", json: [1])
            let device = try database.writing { store throws in
                try store.addAccount(alice)
                let device = try store.upsertDevice("PHONE", of: alice, displayName: "Phone")
                try store.setDeviceKeys([7], of: device)
                try store.insertOneTimeKeys([key], of: device)
                try store.insertClaimed(keyHash: [9], of: device, maximumCount: 1)
                try store.setFallbackKey(key, of: device)
                try store.setDehydratedDevice(device, of: alice, data: [8])
                try store.insertToDeviceMessage(
                    ToDeviceMessage(position: at(1), json: [2]), for: device,
                    bounds: InboxBounds(maximumCount: 1, maximumBytes: 1))
                return device
            }
            try await database.read { store throws in
                #expect(try store.deviceKeys(of: device) == [7])
                let record = DeviceKeysRecord(device: device, deviceID: "PHONE", displayName: "Phone", json: [7])
                #expect(try store.deviceKeys(of: alice) == [record])
                #expect(try store.oneTimeKey("a", "k", of: device) == [1])
                #expect(try store.dehydratedDevice(of: alice)?.data == [8])
                #expect(try store.toDeviceRange(of: device) == at(1)...at(1))
            }
            try database.write { try $0.deleteDevice(device) }
            try await database.read { store throws in
                #expect(try store.deviceKeys(of: device) == nil)
                #expect(try store.deviceKeys(of: alice).isEmpty)
                #expect(try store.oneTimeKeyCounts(of: device).isEmpty)
                #expect(try !store.wasClaimed(keyHash: [9], of: device))
                #expect(try store.unusedFallbackKeyTypes(of: device).isEmpty)
                #expect(try store.dehydratedDevice(of: alice) == nil)
                #expect(try store.toDeviceRange(of: device) == nil)
            }
        }
    }

    @Test(arguments: Backend.all) func onlyTheLatestClaimsAreRemembered(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let device = try database.writing { store throws in
                try store.addAccount(alice)
                let device = try store.upsertDevice("PHONE", of: alice, displayName: nil)
                for byte in UInt8(1)...5 {
                    try store.insertClaimed(keyHash: [byte], of: device, maximumCount: 2)
                }
                return device
            }
            try await database.read { store throws in
                let remembered = try (UInt8(1)...5).filter { try store.wasClaimed(keyHash: [$0], of: device) }
                #expect(remembered == [4, 5])
            }
        }
    }

    @Test(arguments: Backend.all) func signaturesAreSeenByTheirMakersAndTheOwner(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            func signature(_ signer: UserID, _ keyID: String) -> KeySignatureRecord {
                KeySignatureRecord(userID: alice, target: "T", signer: signer, keyID: keyID, signature: "s")
            }
            let (own, bobs) = (signature(alice, "ed25519:A"), signature(bob, "ed25519:B"))
            try database.write { store throws in
                try store.setKeySignature(own)
                try store.setKeySignature(bobs)
                try store.setKeySignature(own)
            }
            try await database.read { store throws in
                #expect(try store.keySignatures(of: alice, seenBy: alice) == [own])
                #expect(try store.keySignatures(of: alice, seenBy: carol) == [own])
                #expect(
                    Set(try store.keySignatures(of: alice, seenBy: bob).map(\.keyID)) == ["ed25519:A", "ed25519:B"])
            }
            try database.write { try $0.deleteKeySignatures(by: bob, keyID: "ed25519:B") }
            try await database.read { store throws in
                #expect(try store.keySignatures(of: alice, seenBy: bob) == [own])
            }
            try database.write { try $0.deleteKeySignatures(of: alice, target: "T") }
            try await database.read { store throws in
                #expect(try store.keySignatures(of: alice, seenBy: bob).isEmpty)
            }
        }
    }

    @Test(arguments: Backend.all) func deviceListChangesLieInTheirRange(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                try store.setMembership(.join, of: alice, in: room, at: at(1))
                try store.setMembership(.join, of: bob, in: room, at: at(2))
                try store.setDeviceListChange(of: bob, audience: nil, at: at(5))
                try store.setDeviceListChange(of: carol, audience: nil, at: at(6))
                try store.setDeviceListChange(of: carol, audience: alice, at: at(7))
                #expect(try store.roomsToldOfKeys(of: alice) == [room])
            }
            func changes(_ userID: UserID, after: Int64, upTo: Int64) async throws -> DeviceListChanges {
                try await database.read { try $0.deviceListChanges(for: userID, after: at(after), upTo: at(upTo)) }
            }
            #expect(try await changes(alice, after: 4, upTo: 9) == DeviceListChanges(changed: [bob, carol]))
            #expect(try await changes(alice, after: 4, upTo: 6) == DeviceListChanges(changed: [bob]))
            #expect(try await changes(alice, after: 5, upTo: 6).isEmpty)
            #expect(try await changes(bob, after: 4, upTo: 9) == DeviceListChanges(changed: [bob]))
            #expect(try await changes(alice, after: 1, upTo: 2) == DeviceListChanges(changed: [bob]))
        }
    }

    @Test(arguments: Backend.all) func backupsRememberTheHighestVersion(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let key = BackedUpKey(
                roomID: roomID("a"), sessionID: "s", firstMessageIndex: 1, forwardedCount: 2, isVerified: true,
                sessionData: [3])
            try database.write { store throws in
                for version in Int64(1)...3 {
                    try store.setKeyBackup(KeyBackupRecord(version: version, algorithm: "a", authData: [1]), of: alice)
                }
                try store.setBackedUpKey(key, version: 3, of: alice)
                #expect(try store.backedUpKeys(.all, version: 3, of: alice) == [key])
                try store.deleteKeyBackup(3, of: alice)
                try store.deleteKeyBackup(1, of: alice)
                #expect(try store.backedUpKeys(.all, version: 3, of: alice).isEmpty)
                #expect(try store.highestKeyBackupVersion(of: alice) == 3)
                #expect(try store.latestKeyBackup(of: alice)?.version == 2)
                #expect(try store.keyBackupCount(of: alice) == 1)
                try store.setKeyBackup(KeyBackupRecord(version: 4, algorithm: "a", authData: [1]), of: alice)
                #expect(try store.keyBackup(3, of: alice) == nil)
                #expect(try store.latestKeyBackup(of: alice)?.version == 4)
            }
        }
    }
}

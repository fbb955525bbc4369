import AccountPages
import Accounts
import Homeserver
import Rooms
import Sync

/// The routes of all endpoints, by what they are about.
struct AllRoutes {
    let homeserver: Homeserver
    let presenter: EventPresenter
    let pages: AccountPages
    let profile: ProfileRoutes
    let baseURL: String?

    /// Who somebody is, and what he keeps here.
    var accounts: [any Routes] {
        [
            AccountDataRoutes(accounts: homeserver.accounts, rooms: homeserver.rooms),
            AccountDeactivationRoutes(accounts: homeserver.accounts),
            AdministrativeContactRoutes(),
            AdminRoutes(accounts: homeserver.accounts),
            DeviceManagementRoutes(accounts: homeserver.accounts),
            FilterRoutes(accounts: homeserver.accounts),
            LoginRoutes(accounts: homeserver.accounts),
            LoginTokenRoutes(accounts: homeserver.accounts),
            LogoutRoutes(accounts: homeserver.accounts),
            OAuthServerMetadataRoutes(pages: pages),
            OpenIDRoutes(accounts: homeserver.accounts),
            PasswordManagementRoutes(accounts: homeserver.accounts),
            profile,
            RefreshRoutes(accounts: homeserver.accounts),
            RegistrationRoutes(accounts: homeserver.accounts),
            SharedSecretRegistrationRoutes(
                accounts: homeserver.accounts,
                registration: homeserver.accounts.configuration.registrationSharedSecret.map {
                    SharedSecretRegistration(secret: $0, environment: homeserver.environment)
                }),
            SSOLoginRedirectRoutes(pages: pages),
            TagsRoutes(accounts: homeserver.accounts, rooms: homeserver.rooms),
            UsersRoutes(directory: homeserver.userDirectory),
            WhoAmIRoutes(),
        ]
    }

    /// What happens in rooms, and who is in them.
    var rooms: [any Routes] {
        [
            BanningRoutes(rooms: homeserver.rooms),
            CreateRoomRoutes(
                rooms: homeserver.rooms, applicationServices: homeserver.accounts.applicationServices),
            DelayedEventsRoutes(delayedEvents: homeserver.delayedEvents),
            DirectoryRoutes(
                rooms: homeserver.rooms, applicationServices: homeserver.accounts.applicationServices),
            InvitingRoutes(rooms: homeserver.rooms),
            JoiningRoutes(rooms: homeserver.rooms),
            KickingRoutes(rooms: homeserver.rooms),
            KnockingRoutes(rooms: homeserver.rooms),
            LeavingRoutes(rooms: homeserver.rooms),
            ListJoinedRoomsRoutes(rooms: homeserver.rooms),
            ListPublicRoomsRoutes(rooms: homeserver.rooms, bridging: homeserver.bridging),
            MutualRoomsRoutes(rooms: homeserver.rooms),
            RedactionRoutes(rooms: homeserver.rooms),
            ReportContentRoutes(rooms: homeserver.rooms),
            RetentionRoutes(rooms: homeserver.rooms),
            RoomSendRoutes(rooms: homeserver.rooms, delayedEvents: homeserver.delayedEvents),
            RoomsRoutes(rooms: homeserver.rooms, presenter: presenter, environment: homeserver.environment),
            RoomStateRoutes(rooms: homeserver.rooms, delayedEvents: homeserver.delayedEvents),
            RoomSummaryRoutes(rooms: homeserver.rooms),
            RoomUpgradesRoutes(rooms: homeserver.rooms),
            SpaceHierarchyRoutes(rooms: homeserver.rooms),
        ]
    }

    /// What has happened, and what somebody has seen of it.
    var reading: [any Routes] {
        [
            EventContextRoutes(rooms: homeserver.rooms, presenter: presenter),
            MessagePaginationRoutes(rooms: homeserver.rooms, presenter: presenter),
            NotificationsRoutes(push: homeserver.push, environment: homeserver.environment),
            OldSyncRoutes(rooms: homeserver.rooms, sync: homeserver.sync, presenter: presenter),
            PresenceRoutes(rooms: homeserver.rooms),
            PusherRoutes(push: homeserver.push),
            PushRulesRoutes(accounts: homeserver.accounts),
            ReadMarkersRoutes(rooms: homeserver.rooms),
            ReceiptsRoutes(rooms: homeserver.rooms),
            RelationsRoutes(rooms: homeserver.rooms, presenter: presenter),
            RoomEventByTimestampRoutes(rooms: homeserver.rooms),
            RoomInitialSyncRoutes(rooms: homeserver.rooms, presenter: presenter),
            SearchRoutes(search: homeserver.search, rooms: homeserver.rooms, presenter: presenter),
            SlidingSyncRoutes(sync: homeserver.sync),
            SyncRoutes(sync: homeserver.sync, accounts: homeserver.accounts),
            ThreadsListRoutes(rooms: homeserver.rooms, presenter: presenter),
            TypingRoutes(rooms: homeserver.rooms),
        ]
    }

    /// Keys, and messages from device to device.
    var encryption: [any Routes] {
        [
            CrossSigningRoutes(accounts: homeserver.accounts, endToEnd: homeserver.endToEnd, pages: pages),
            DehydratedDevicesRoutes(endToEnd: homeserver.endToEnd),
            KeyBackupRoutes(backups: homeserver.keyBackups),
            KeysRoutes(endToEnd: homeserver.endToEnd, sync: homeserver.sync),
            ToDeviceRoutes(endToEnd: homeserver.endToEnd),
        ]
    }

    /// What the server is and can do.
    var server: [any Routes] {
        [
            AppserviceRoutes(bridging: homeserver.bridging),
            CapabilitiesRoutes(defaultRoomVersion: homeserver.configuration.defaultRoomVersion),
            SupportRoutes(
                support: homeserver.configuration.support,
                policyServerKey: homeserver.configuration.policyServerKey),
            ThirdPartyLookupRoutes(bridging: homeserver.bridging),
            VersionsRoutes(),
            VoIPRoutes(turn: homeserver.configuration.turn, environment: homeserver.environment),
            WellKnownRoutes(baseURL: baseURL),
        ]
    }
}

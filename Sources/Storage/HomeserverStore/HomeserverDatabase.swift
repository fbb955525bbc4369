/// A consistent view of everything stored.
public typealias StoreReader =
    AccountReader
    & AdministrationReader
    & ApplicationServiceReader
    & CrossSigningReader
    & DelayedEventReader
    & DeviceKeyReader
    & DeviceListReader
    & EventReader
    & GrantReader
    & KeyBackupReader
    & OAuthClientReader
    & PusherReader
    & RegistrationTokenReader
    & RelationReader
    & ReportReader
    & RetentionReader
    & RoomReader
    & SearchReader
    & ServerReader
    & SharedRoomReader
    & ToDeviceReader
    & UserDirectoryReader

/// An open transaction.
public typealias StoreWriter =
    AccountWriter
    & AdministrationWriter
    & ApplicationServiceWriter
    & CrossSigningWriter
    & DelayedEventWriter
    & DeviceKeyWriter
    & DeviceListWriter
    & EventWriter
    & GrantWriter
    & KeyBackupWriter
    & OAuthClientWriter
    & PusherWriter
    & RegistrationTokenWriter
    & RelationWriter
    & ReportWriter
    & RetentionWriter
    & RoomWriter
    & SearchWriter
    & ServerWriter
    & SharedRoomWriter
    & ToDeviceWriter
    & UserDirectoryWriter

/// What belongs to the server as a whole.
public protocol ServerReader {
    /// The highest position ever given out.
    func streamPosition() throws -> StreamPosition
}

public protocol ServerWriter: ServerReader {
    func setStreamPosition(_ position: StreamPosition) throws
    /// Runs `body`; when it throws, what it wrote is undone and the rest of the transaction stands.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value
}

/// A backend: SQLite, or another that passes the same conformance tests.
public protocol HomeserverDatabase: Sendable {
    /// Reads from one consistent view.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Value) async throws -> Value
    /// Runs `body` in a transaction that is durable when this returns. Blocks; called by ``WriteQueue`` alone.
    func write(_ body: (any StoreWriter) throws -> Void) throws
    /// Moves what was written to where reads are cheap. Blocks; called apart from commits, which it would delay.
    func checkpoint() throws
    /// As ``checkpoint()``, and what has been erased is then no longer in any log either. Holds up the writer.
    ///
    /// - Returns: whether that is so; somebody may be reading the log still.
    func checkpointErasing() throws -> Bool
    func close() throws
}

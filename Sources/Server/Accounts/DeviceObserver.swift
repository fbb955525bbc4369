import HomeserverStore
import MatrixEvents

/// Whoever keeps something for a device and has to let go of it together with the device.
public protocol DeviceObserver: Sendable {
    /// Called in the command that deletes the device, before it does.
    func deviceWillBeDeleted(_ device: DeviceNumber, in context: WriteContext) throws
}

extension AccountService {
    /// Has `observer` told of every device that is deleted. Called once, when the services are put together.
    public func setDeviceObserver(_ observer: any DeviceObserver) { deviceObserver.withLock { $0 = observer } }

    /// In a command: deletes a device with everything that is kept for it.
    func delete(_ device: DeviceNumber, in context: WriteContext) throws {
        try deviceObserver.withLock { $0 }?.deviceWillBeDeleted(device, in: context)
        if let record = try context.store.device(device) {
            // What clients have said of notifications on this device:
            // https://github.com/matrix-org/matrix-spec-proposals/pull/3890
            for prefix in EventType.localNotificationSettings {
                try context.store.deleteAccountData(prefix + record.deviceID, of: record.userID)
            }
        }
        try context.store.deleteDevice(device)
    }
}

import HomeserverStore

/// Whoever keeps something for a device and has to let go of it together with the device.
public protocol DeviceObserver: Sendable {
    /// Called in the command that deletes the device, before it does.
    func deviceWillBeDeleted(_ device: DeviceNumber, in context: WriteContext) throws
}

extension AccountService {
    /// Has `observer` told of every device that is deleted. Called once, when the services are put together.
    public func setDeviceObserver(_ observer: any DeviceObserver) { deviceObserver.withLock { $0 = observer } }
}

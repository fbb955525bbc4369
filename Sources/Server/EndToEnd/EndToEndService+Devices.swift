import Accounts
import HomeserverStore
import MatrixIdentifiers

/// What goes when a device goes: the store deletes its keys and its inbox with it.
extension EndToEndService: DeviceObserver {
    public func deviceWillBeDeleted(_ device: DeviceNumber, in context: WriteContext) throws {
        forgetStatus(of: device, in: context)
        guard let record = try context.store.device(device), try context.store.deviceKeys(of: device) != nil else {
            return
        }
        try context.store.deleteKeySignatures(of: record.userID, target: record.deviceID)
        try noteDeviceListChange(of: record.userID, in: context)
    }
}

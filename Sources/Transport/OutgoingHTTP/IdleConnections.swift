import NIOCore
import Synchronization

/// Connections that have brought an answer and wait for the next request to the same server.
final class IdleConnections: Sendable {
    struct Destination: Hashable {
        let scheme: OutgoingURL.Scheme
        let host: String
        let port: Int

        init(_ url: OutgoingURL) {
            scheme = url.scheme
            host = url.host
            port = url.port
        }
    }

    private struct Entry {
        let channel: any Channel
        let expiry: Scheduled<Void>
    }

    /// More are closed.
    private static let maximumPerDestination = 4
    private static let maximumCount = 64
    /// Shorter than what servers wait for the next request, so that few requests meet a connection being closed.
    private static let maximumIdle = TimeAmount.seconds(45)

    private let entries = Mutex<[Destination: [Entry]]>([:])

    /// The connection that was used last.
    func take(for destination: Destination) -> (any Channel)? {
        entries.withLock { entries in
            while let entry = entries[destination]?.popLast() {
                if entries[destination]?.isEmpty == true { entries[destination] = nil }
                entry.expiry.cancel()
                if entry.channel.isActive { return entry.channel }
            }
            return nil
        }
    }

    func keep(_ channel: any Channel, for destination: Destination) {
        let expiry = channel.eventLoop.scheduleTask(in: Self.maximumIdle) { [weak self] in
            self?.remove(channel, from: destination)
            channel.close(promise: nil)
        }
        let isKept = entries.withLock { entries in
            let count = entries.values.reduce(0) { $0 + $1.count }
            guard count < Self.maximumCount, entries[destination, default: []].count < Self.maximumPerDestination
            else { return false }
            entries[destination, default: []].append(Entry(channel: channel, expiry: expiry))
            return true
        }
        guard !isKept else { return }
        expiry.cancel()
        channel.close(promise: nil)
    }

    func remove(_ channel: any Channel, from destination: Destination) {
        entries.withLock { entries in
            guard let index = entries[destination]?.firstIndex(where: { $0.channel === channel }) else { return }
            entries[destination]?.remove(at: index).expiry.cancel()
            if entries[destination]?.isEmpty == true { entries[destination] = nil }
        }
    }

    deinit {
        for entry in entries.withLock({ $0 }).values.joined() {
            entry.expiry.cancel()
            entry.channel.close(promise: nil)
        }
    }
}

import HomeserverStore
import Push
import Testing

@Suite struct PusherQueueTests {
    private static let now: Int64 = 1_000_000_000_000

    private func entry(_ position: Int64, sentAt timestamp: Int64 = now) -> PusherQueue.Entry {
        PusherQueue.Entry(room: RoomNumber(1), position: StreamPosition(position), timestamp: timestamp, tweaks: [:])
    }

    @Test func oneThingAtATimeInOrder() {
        var queue = PusherQueue()
        #expect(queue.next(now: Self.now) == nil)
        queue.add(entry(5))
        queue.add(entry(7))
        #expect(queue.next(now: Self.now) == .notify(entry(5)))
        #expect(queue.next(now: Self.now) == nil, "one is on its way")
        queue.finish(.notify(entry(5)), .delivered(badge: 2), now: Self.now)
        #expect(queue.badge == 2)
        #expect(queue.next(now: Self.now) == .notify(entry(7)))
        queue.finish(.notify(entry(7)), .unneeded, now: Self.now)
        #expect(queue.isEmpty)
        #expect(queue.dueAt == nil)
    }

    /// Rule 103: the pauses double, up to an hour; a success ends them.
    @Test func pausesDouble() {
        var queue = PusherQueue()
        queue.add(entry(5, sentAt: Self.now + 40_000_000))
        var now = Self.now
        var pauses: [Int64] = []
        for _ in 0..<14 {
            #expect(queue.next(now: now) != nil)
            queue.finish(.notify(entry(5)), .failed, now: now)
            pauses.append((queue.dueAt ?? 0) - now)
            #expect(queue.next(now: now + pauses[pauses.count - 1] - 1) == nil)
            now += pauses[pauses.count - 1]
        }
        #expect(Array(pauses.prefix(4)) == [1_000, 2_000, 4_000, 8_000])
        #expect(Array(pauses.suffix(2)) == [3_600_000, 3_600_000])
        queue.resetPause()
        #expect(queue.next(now: now) != nil)
    }

    /// Rule 103: the backlog is bounded, and the newest are kept.
    @Test func theOldestAreGivenUp() {
        var queue = PusherQueue()
        for position in 1...60 { queue.add(entry(Int64(position))) }
        #expect(queue.entries.map(\.position.rawValue) == Array(11...60))
        var old = PusherQueue()
        old.add(entry(1, sentAt: Self.now - PusherQueue.maximumAgeMilliseconds - 1))
        old.add(entry(2, sentAt: Self.now - PusherQueue.maximumAgeMilliseconds))
        #expect(old.next(now: Self.now)?.position == 2)
    }

    /// Rule 103: what was read elsewhere is told once it is quiet, after what is to be notified.
    @Test func theCountIsToldWhenItIsQuiet() {
        var queue = PusherQueue(badge: 3)
        queue.noteRead(now: Self.now)
        #expect(queue.next(now: Self.now) == nil)
        queue.noteRead(now: Self.now + 500)
        #expect(queue.next(now: Self.now + 1_000) == nil)
        queue.add(entry(9))
        #expect(queue.next(now: Self.now + 1_500)?.position == 9)
        queue.finish(.notify(entry(9)), .delivered(badge: 1), now: Self.now + 1_500)
        #expect(queue.next(now: Self.now + 1_500) == .updateBadge)
        queue.finish(.updateBadge, .failed, now: Self.now + 1_500)
        #expect(queue.dueAt == Self.now + 2_500)
        #expect(queue.next(now: Self.now + 2_500) == .updateBadge)
        queue.finish(.updateBadge, .delivered(badge: 0), now: Self.now + 2_500)
        #expect(queue.isEmpty)
        #expect(queue.badge == 0)
    }

    @Test func progressSaysWhatIsOutstanding() {
        let here = StreamPosition(100)
        var queue = PusherQueue(badge: 1)
        #expect(queue.progress(at: here) == PusherProgress(behind: nil, badge: 1))
        queue.add(entry(90))
        queue.add(entry(95))
        #expect(queue.progress(at: here) == PusherProgress(behind: StreamPosition(89), badge: 1))
        _ = queue.next(now: Self.now)
        #expect(queue.progress(at: here).behind == StreamPosition(89), "what is on its way may get lost")
        queue.finish(.notify(entry(90)), .delivered(badge: 2), now: Self.now)
        #expect(queue.progress(at: here) == PusherProgress(behind: StreamPosition(94), badge: 2))
        _ = queue.next(now: Self.now)
        queue.finish(.notify(entry(95)), .delivered(badge: 3), now: Self.now)
        queue.noteRead(now: Self.now)
        #expect(queue.progress(at: here) == PusherProgress(behind: here, badge: 3))
        _ = queue.next(now: Self.now + 1_000)
        #expect(queue.progress(at: here).behind == here)
    }
}

extension PusherQueue.Action {
    fileprivate var position: Int64? { if case .notify(let entry) = self { entry.position.rawValue } else { nil } }
}

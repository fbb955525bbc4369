import Foundation
import HomeserverBench
import Testing

/// The scenarios from end to end, against a homeserver in this process that keeps its promises or does not.
@Suite struct ScenarioTests {
    private let environment = BenchEnvironment(
        monotonicNanoseconds: { DispatchTime.now().uptimeNanoseconds },
        sleep: { try await Task.sleep(for: min($0, .milliseconds(200))) },
        progress: NoProgress())

    private func send(_ target: BenchTarget, _ change: (inout SendOptions) -> Void) async throws -> SendReport {
        var options = SendOptions()
        options.userCount = 4
        options.warmUpSeconds = 0
        options.extent = .messages(50)
        change(&options)
        return try await SendScenario.run(options, target: target, environment: environment)
    }

    /// - Parameter drainSeconds: how long to wait for what is late; all of it passes only when something is lost.
    private func fanOut(
        _ faults: FakeFaults, senders: Int = 1, drainSeconds: Double = 20
    ) async throws -> FanOutReport {
        var options = FanOutOptions()
        options.memberCount = 5
        options.senderCount = senders
        options.messagesPerSecond = 100
        options.seconds = 0.5
        options.warmUpSeconds = 0.1
        options.drainSeconds = drainSeconds
        return try await FakeHomeserver(faults: faults).serving { [options, environment] target in
            try await FanOutScenario.run(options, target: target, environment: environment)
        }
    }

    @Test func sendingCountsWhatIsAcknowledged() async throws {
        let report = try await FakeHomeserver().serving { try await send($0) { _ in } }
        #expect(report.measuredCount == 50)
        #expect(report.errors.total == 0)
        #expect(report.failure == nil)
        #expect(report.latency.p50 > 0 && report.latency.p50 <= report.latency.maximum)
    }

    @Test func settingUpWaitsWhenTheServerAsksForIt() async throws {
        let report = try await FakeHomeserver(faults: FakeFaults(refusals: 7)).serving { target in
            try await send(target) { $0.isOneRoom = true }
        }
        #expect(report.measuredCount == 50)
        #expect(report.errors.total == 0)
    }

    @Test func theSameSeedUsesItsUsersAgain() async throws {
        try await FakeHomeserver().serving { target in
            for _ in 0..<2 {
                let report = try await send(target) { _ in }
                #expect(report.measuredCount == 50)
            }
        }
    }

    @Test func aServerThatStopsEndsTheRunAndItsJournalHolds() async throws {
        let path = "/tmp/naru-bench-test-\(UInt64.random(in: .min ... .max)).journal"
        defer { _ = unlink(path) }
        let server = FakeHomeserver(faults: FakeFaults(stopsAtMessage: 30))
        let report = try await server.serving { target in
            try await send(target) {
                $0.journalPath = path
                $0.isUntilDisconnected = true
                // Nobody could connect again either: the fake one goes on listening.
                $0.extent = .seconds(20)
            }
        }
        #expect(report.disconnectedCount == 4)
        #expect(report.failure == nil)
        #expect(report.errors.total == 0)
        server.stopFailing()
        let verified = try await server.serving { target in
            try await VerifyScenario.run(journalPath: path, target: target, environment: environment)
        }
        #expect(verified.acknowledgedCount == report.acknowledgedCount)
        #expect(verified.failure == nil)
    }

    @Test func fanOutReachesEveryoneOnce() async throws {
        let report = try await fanOut(FakeFaults(), senders: 2)
        #expect(report.failure == nil)
        #expect(report.sentCount > 0)
        #expect(report.deliveryCount == report.sentCount * 5)
        #expect(report.errors.total == 0)
        #expect(report.deliveryLatency.p50 > 0)
    }

    @Test func fanOutReadsWhatSyncsLeaveOut() async throws {
        var faults = FakeFaults()
        faults.timelineLimit = 1
        let report = try await fanOut(faults, senders: 2)
        #expect(report.failure == nil)
        #expect(report.deliveryCount == report.sentCount * 5)
    }

    @Test func fanOutFindsWhatIsLost() async throws {
        let report = try await fanOut(FakeFaults(losesMessage: 2), drainSeconds: 3)
        #expect(report.missingCount == 5)
        #expect(report.twiceCount == 0)
        #expect(report.failure == "deliveries are wrong: 5 missing, 0 twice, 0 never sent")
    }

    @Test func fanOutFindsWhatComesTwice() async throws {
        let report = try await fanOut(FakeFaults(repeatsMessage: 2))
        #expect(report.missingCount == 0)
        #expect(report.twiceCount == 5)
        #expect(report.failure != nil)
    }

    @Test func oneMessageWakesAllWhoWait() async throws {
        var options = IdleOptions()
        options.connectionCount = 30
        options.userCount = 3
        options.wakeLimitSeconds = 5
        let report = try await FakeHomeserver().serving { [options] target in
            try await IdleScenario.run(options, target: target, environment: environment)
        }
        #expect(report.wokenCount == 30)
        #expect(report.failure == nil)
        #expect(report.bytesPerWaitingSync == nil)
    }

    @Test func aRefusedConnectionIsSaidSo() async throws {
        let target = try BenchTarget(url: try ServerURL("http://127.0.0.1:1"), seed: 1, eventLoopCount: 1)
        let error = await #expect(throws: BenchError.self) { try await send(target) { _ in } }
        #expect(error?.description == "cannot connect to http://127.0.0.1:1: connection refused")
    }
}

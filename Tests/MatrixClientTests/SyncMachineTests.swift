import MatrixClient
import Testing

@Suite struct SyncMachineTests {
    private func error(_ code: ClientError.Code) -> ClientError { ClientError(code, "test") }

    private func request(_ machine: SyncMachine) throws -> (progress: SyncProgress, wait: Int64) {
        guard case .request(let progress, let wait) = machine.next else {
            throw ClientError(.invalidRequest, "expected a request, not \(machine.next)")
        }
        return (progress, wait)
    }

    private func answer(_ machine: inout SyncMachine, _ position: String, rooms: Int = 3) {
        machine.succeeded(machine.progress(after: .init(position: position, toDeviceSince: "t", roomCount: rooms)))
    }

    @Test func theFirstAnswerIsNotWaitedForAndLaterOnesAre() throws {
        var machine = SyncMachine(SyncProgress())
        #expect(try request(machine).wait == 0)
        #expect(try request(machine).progress.position == nil)
        answer(&machine, "1")
        #expect(try request(machine).progress.position == "1")
        #expect(try request(machine).wait == 0)
        answer(&machine, "2")
        #expect(try request(machine).wait == SyncMachine.waitMilliseconds)
        #expect(try request(machine).progress.toDeviceSince == "t")
    }

    @Test func theWindowGrowsUntilAllRoomsAreIn() throws {
        var machine = SyncMachine(SyncProgress())
        answer(&machine, "1", rooms: 700)
        #expect(try request(machine).progress.window == 700)
        #expect(try request(machine).wait == 0)
        answer(&machine, "2", rooms: 700)
        #expect(try request(machine).wait == SyncMachine.waitMilliseconds)
        answer(&machine, "3", rooms: 1_000_000)
        #expect(try request(machine).progress.window == SyncProgress.maximumWindow)
    }

    /// What came by to-device messages must not come twice, so their token outlives the connection.
    @Test func aLostPositionBeginsTheConnectionAnewAndKeepsTheToDeviceToken() throws {
        var machine = SyncMachine(SyncProgress())
        answer(&machine, "1")
        machine.failed(error(.refused(errorCode: "M_UNKNOWN_POS")), random: 0)
        let (progress, wait) = try request(machine)
        #expect(progress.position == nil)
        #expect(progress.toDeviceSince == "t")
        #expect(progress.form == .slidingUnstable)
        #expect(wait == 0)
    }

    /// A server that knows none of its own positions must not be asked in a circle without a pause.
    @Test func positionsThatAreAlwaysLostEndInAPause() {
        var progress = SyncProgress()
        progress.position = "0"
        var machine = SyncMachine(progress)
        machine.failed(error(.refused(errorCode: "M_UNKNOWN_POS")), random: 0)
        // Without a position, nothing can be unknown: the server makes no sense.
        machine.failed(error(.refused(errorCode: "M_UNKNOWN_POS")), random: 0)
        machine.failed(error(.refused(errorCode: "M_UNKNOWN_POS")), random: 0)
        machine.failed(error(.refused(errorCode: "M_UNKNOWN_POS")), random: 0)
        guard case .pause = machine.next else {
            Issue.record("expected a pause, not \(machine.next)")
            return
        }
    }

    @Test func aServerWithoutSlidingSyncIsAskedInTheOlderForms() throws {
        var machine = SyncMachine(SyncProgress())
        machine.failed(error(.unsupported), random: 0)
        #expect(try request(machine).progress.form == .slidingV4)
        machine.failed(error(.unsupported), random: 0)
        #expect(try request(machine).progress.form == .v3)
        machine.failed(error(.unsupported), random: 0)
        guard case .pause = machine.next else {
            Issue.record("there is no further form: a pause")
            return
        }
        machine.resume()
        #expect(try request(machine).progress.form == .v3)
    }

    @Test func delaysGrowAndAreNeverShorterThanTheServerAsks() {
        var machine = SyncMachine(SyncProgress())
        var delays: [Int64] = []
        for _ in 0..<12 {
            machine.failed(error(.offline), random: .max)
            guard case .pause(let milliseconds) = machine.next else { continue }
            delays.append(milliseconds)
            machine.resume()
        }
        #expect(delays.count == 12)
        #expect(delays.allSatisfy { $0 <= RetrySchedule.maximumDelayMilliseconds })
        #expect(delays[5] > delays[0])
        machine.failed(error(.limited(retryAfterMilliseconds: 90_000)), random: 0)
        #expect(machine.next == .pause(milliseconds: 90_000))
    }

    @Test func jitterSpreadsOverHalfOfTheDelay() {
        var (early, late) = (RetrySchedule(), RetrySchedule())
        for _ in 0..<20 {
            let (first, last) = (early.delay(random: 0), late.delay(random: .max))
            #expect(first <= last)
            #expect(last <= RetrySchedule.maximumDelayMilliseconds)
            #expect(first >= RetrySchedule.firstDelayMilliseconds / 2)
        }
        early.reset()
        #expect(early.delay(random: 0) == RetrySchedule.firstDelayMilliseconds / 2)
    }

    @Test(arguments: [true, false]) func anEndedSessionIsNotAskedAgain(isSoft: Bool) {
        var machine = SyncMachine(SyncProgress())
        machine.failed(error(.signedOut(isSoft: isSoft)), random: 0)
        machine.resume()
        #expect(machine.next == .end(isSoft: isSoft))
    }

    /// Every state, every error: there is always something to do next, and it is no request without a pause for ever.
    @Test func noErrorIsAnsweredByAskingWithoutEnd() {
        let codes: [ClientError.Code] = [
            .offline, .serverFailed, .limited(retryAfterMilliseconds: nil), .refused(errorCode: "M_FORBIDDEN"),
            .refused(errorCode: "M_UNKNOWN_POS"), .unsupported, .brokenAnswer, .invalidRequest, .store, .notFound,
        ]
        for code in codes {
            for position in [nil, "1"] {
                var progress = SyncProgress()
                progress.position = position
                var machine = SyncMachine(progress)
                var requests = 0
                while case .request = machine.next, requests < 20 {
                    requests += 1
                    machine.failed(error(code), random: 1)
                }
                #expect(requests < 10, "\(code) with position \(position ?? "none")")
            }
        }
    }
}

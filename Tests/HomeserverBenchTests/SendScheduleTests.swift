import HomeserverBench
import Testing

@Suite struct SendScheduleTests {
    private let second: UInt64 = 1_000_000_000

    @Test func aTimedRunWarmsUpMeasuresAndStops() {
        var options = SendOptions()
        options.warmUpSeconds = 2
        options.extent = .seconds(3)
        let schedule = SendSchedule(from: 100 * second, options: options)
        #expect(schedule.decide(at: 100 * second) == .warmUp)
        #expect(schedule.decide(at: 102 * second - 1) == .warmUp)
        #expect(schedule.decide(at: 102 * second) == .measure)
        #expect(schedule.decide(at: 105 * second - 1) == .measure)
        #expect(schedule.decide(at: 105 * second) == .stop)
    }

    @Test func aCountedRunMeasuresSoManyAcknowledgedMessages() {
        var options = SendOptions()
        options.warmUpSeconds = 0
        options.extent = .messages(2)
        let schedule = SendSchedule(from: 0, options: options)
        #expect(schedule.decide(at: 0) == .measure)
        #expect(schedule.decide(at: 1) == .measure)
        #expect(schedule.decide(at: 2) == .stop)
        schedule.giveBack()
        #expect(schedule.decide(at: 3) == .measure)
        #expect(schedule.decide(at: 4) == .stop)
        #expect(schedule.decide(at: 5) == .stop)
    }

    @Test func sendersShareTheRate() {
        var options = FanOutOptions()
        options.senderCount = 2
        options.messagesPerSecond = 4
        let window = MeasuringWindow(from: 0, warmUpSeconds: 0, seconds: 1)
        let plan = FanOutSender.Plan(
            roomID: "!r:h", startNanoseconds: 10 * second, window: window, options: options)
        #expect(plan.dueNanoseconds(sender: 0, sequence: 0) == 10 * second)
        #expect(plan.dueNanoseconds(sender: 1, sequence: 0) == 10 * second + second / 4)
        #expect(plan.dueNanoseconds(sender: 0, sequence: 1) == 10 * second + second / 2)
    }

    @Test func withoutARateNothingIsAwaited() {
        let window = MeasuringWindow(from: 0, warmUpSeconds: 0, seconds: 1)
        let plan = FanOutSender.Plan(
            roomID: "!r:h", startNanoseconds: 0, window: window, options: FanOutOptions())
        #expect(plan.dueNanoseconds(sender: 0, sequence: 5) == nil)
    }
}

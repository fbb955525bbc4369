import RandomJSON

/// What a script does next. Users, rooms, clients and events are numbers that are taken modulo how many there are, so
/// that a script from which a step has been taken away still means something.
enum Step: Sendable {
    case act(user: Int, room: Int, Action)
    /// A sync of one client.
    case sync(client: Int)
    /// The answer is lost on its way: the client asks again later, from where it was.
    case lostSync(client: Int)
    /// The client forgets its last sync, as one that was stopped before it had stored it.
    case rollBack(client: Int)
    /// A sliding client asks for something else from now on.
    case adjust(client: Int, Adjustment)
    case restart

    enum Action: Sendable {
        case create(visibility: Int, joinRule: Int)
        case invite(Int)
        case join
        case leave
        case kick(Int)
        case ban(Int)
        case unban(Int)
        case knock
        case forget
        case send(mention: Int?)
        case reply(Int, mention: Int?)
        case react(Int)
        case edit(Int)
        case redact(Int)
        case name(Int)
        case topic(Int)
        case visibility(Int)
        case level(of: Int, Int)
        case state(key: Int, Int)
        case receipt(Int, isPrivate: Bool, threading: Int)
        case ignore(Int, Bool)
        case accountData(Int)
        case roomAccountData(Int)
        case profile(Int)
        case typing(Bool)
    }

    enum Adjustment: Sendable {
        case grow
        case subscribe(room: Int)
        case unsubscribe
        case timelineLimit(Int)
        case requiredState(Int)
    }
}

extension Step.Action {
    static func random(using generator: inout SeededGenerator) -> Step.Action {
        func number(_ bound: Int = 1_000) -> Int { Int.random(in: 0..<bound, using: &generator) }
        func mention() -> Int? { generator.chance(20) ? number() : nil }
        // The later an event the likelier it is what people answer to.
        func pick() -> Int { generator.chance(60) ? number(4) : number() }
        switch number(100) {
        case 0..<4: return .create(visibility: number(4), joinRule: number(3))
        case 4..<10: return .invite(number())
        case 10..<18: return .join
        case 18..<22: return .leave
        case 22..<24: return .kick(number())
        case 24..<26: return .ban(number())
        case 26..<28: return .unban(number())
        case 28..<30: return .knock
        case 30: return .forget
        case 31..<49: return .send(mention: mention())
        case 49..<55: return .reply(pick(), mention: mention())
        case 55..<59: return .react(pick())
        case 59..<62: return .edit(pick())
        case 62..<67: return .redact(pick())
        case 67..<69: return .name(number(3))
        case 69: return .topic(number(3))
        case 70..<73: return .visibility(number(4))
        case 73..<75: return .level(of: number(), number(2))
        case 75..<77: return .state(key: number(3), number())
        case 77..<87: return .receipt(pick(), isPrivate: generator.chance(30), threading: number(3))
        case 87..<89: return .ignore(number(), generator.chance(60))
        case 89..<91: return .accountData(number(3))
        case 91..<93: return .roomAccountData(number(3))
        case 93..<95: return .profile(number(4))
        default: return .typing(generator.chance(60))
        }
    }
}

extension Step.Adjustment {
    static func random(using generator: inout SeededGenerator) -> Step.Adjustment {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: .grow
        case 1: .subscribe(room: Int.random(in: 0..<4, using: &generator))
        case 2: .unsubscribe
        case 3: .timelineLimit(Int.random(in: 0...12, using: &generator))
        default: .requiredState(Int.random(in: 0..<SlidingSettings.requiredStateCount, using: &generator))
        }
    }
}

/// Who takes part and what happens, all of it from one seed.
struct Script: Sendable {
    let seed: UInt64
    let userCount: Int
    let clients: [ClientSettings]
    var steps: [Step]

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        self.seed = seed
        userCount = Int.random(in: 3...5, using: &generator)
        let clientCount = Int.random(in: 2...4, using: &generator)
        var clients: [ClientSettings] = []
        for _ in 0..<clientCount {
            clients.append(ClientSettings.random(userCount: userCount, using: &generator))
        }
        self.clients = clients
        var steps: [Step] = []
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            let creation = Step.Action.create(
                visibility: Int.random(in: 0..<4, using: &generator), joinRule: Int.random(in: 0..<2, using: &generator)
            )
            steps.append(.act(user: Int.random(in: 0..<userCount, using: &generator), room: 0, creation))
        }
        for _ in 0..<Int.random(in: 10...70, using: &generator) {
            steps.append(Self.step(userCount, clientCount, using: &generator))
        }
        self.steps = steps + (0..<clientCount).map { .sync(client: $0) }
    }

    private static func step(
        _ userCount: Int, _ clientCount: Int, using generator: inout SeededGenerator
    ) -> Step {
        let client = Int.random(in: 0..<clientCount, using: &generator)
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<18: return .sync(client: client)
        case 18..<21: return .lostSync(client: client)
        case 21..<23: return .rollBack(client: client)
        case 23..<26: return .adjust(client: client, .random(using: &generator))
        case 26: return .restart
        default:
            return .act(
                user: Int.random(in: 0..<userCount, using: &generator),
                room: Int.random(in: 0..<4, using: &generator), .random(using: &generator))
        }
    }
}

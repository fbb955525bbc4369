import ArgumentParser

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every event of every room: hashes, signatures, authorisation, state.")

    @Option(help: "The folder of the database and the signing key.")
    var data = "data"

    func run() async throws {
    }
}

import ArgumentParser
import CanonicalJSON
import Foundation

struct UsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "Makes, shows and stops accounts.",
        subcommands: [
            Create.self, List.self, Show.self, ResetPassword.self, SetAdmin.self, Lock.self, Unlock.self,
            Suspend.self, Unsuspend.self, Deactivate.self,
        ])

    /// The user that a command is about.
    struct Target: ParsableArguments {
        @Argument(help: ArgumentHelp("The user, @name:server or name.", valueName: "user")) var user: String
        @OptionGroup var options: AdminOptions

        func change(_ command: String, _ changes: JSONObject) async throws {
            var arguments = changes
            arguments["user"] = .string(user)
            try await options.run(command, arguments) { [AdminText.user($0)] }
        }
    }

    /// A password that does not stand on the command line, where everybody on the machine could read it.
    struct Password: ParsableArguments {
        @Flag(help: "Read the password from the standard input, one line; otherwise one is made up and printed.")
        var passwordFromInput = false

        func value() throws -> JSONValue? {
            guard passwordFromInput else { return nil }
            guard let line = readLine(), !line.isEmpty else { throw ValidationError("there is no password to read.") }
            return .string(line)
        }

        func show(_ answer: JSONObject) -> [String] {
            let user = answer["user_id"]?.stringValue ?? ""
            return passwordFromInput ? [user] : ["\(user)  password: \(answer["password"]?.stringValue ?? "")"]
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes an account, whoever may sign up.")
        @Flag(help: "Make it an administrator.") var admin = false
        @OptionGroup var password: Password
        @OptionGroup var target: Target

        func run() async throws {
            var arguments: JSONObject = ["user": .string(target.user), "admin": .bool(admin)]
            arguments["password"] = try password.value()
            try await target.options.run("users/create", arguments, show: password.show)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists all accounts.")
        @OptionGroup var options: AdminOptions

        func run() async throws { try await options.list("users/list", "users", show: AdminText.user) }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows an account with its devices and rooms.")
        @OptionGroup var target: Target

        func run() async throws {
            try await target.options.run("users/show", ["user": .string(target.user)]) { user in
                var lines = [AdminText.user(user), "made \(AdminText.time(user["created_at"]))"]
                for device in (user["devices"]?.arrayValue ?? []).compactMap(\.objectValue) {
                    lines.append(
                        "device \(device["device_id"]?.stringValue ?? "")  \(device["display_name"]?.stringValue ?? "")  "
                            + "seen \(AdminText.time(device["last_seen_at"]))  "
                            + (device["last_seen_ip"]?.stringValue ?? ""))
                }
                return lines + (user["joined_rooms"]?.arrayValue ?? []).map { "in \($0.stringValue ?? "")" }
            }
        }
    }

    struct ResetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-password", abstract: "Gives an account another password and signs its devices out.")
        @Flag(help: "Leave the devices signed in.") var keepDevices = false
        @OptionGroup var password: Password
        @OptionGroup var target: Target

        func run() async throws {
            var arguments: JSONObject = ["user": .string(target.user), "sign_out": .bool(!keepDevices)]
            arguments["password"] = try password.value()
            try await target.options.run("users/reset-password", arguments, show: password.show)
        }
    }

    struct SetAdmin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-admin", abstract: "Makes an account an administrator, or ends that.")
        @Flag(name: .customLong("off"), help: "End it.") var isOff = false
        @OptionGroup var target: Target

        func run() async throws { try await target.change("users/set-admin", ["admin": .bool(!isOff)]) }
    }

    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets an account do nothing but sign out.")
        @OptionGroup var target: Target

        func run() async throws { try await target.change("users/lock", ["locked": true]) }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a lock.")
        @OptionGroup var target: Target

        func run() async throws { try await target.change("users/lock", ["locked": false]) }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets an account read but not speak.")
        @OptionGroup var target: Target

        func run() async throws { try await target.change("users/suspend", ["suspended": true]) }
    }

    struct Unsuspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a suspension.")
        @OptionGroup var target: Target

        func run() async throws { try await target.change("users/suspend", ["suspended": false]) }
    }

    struct Deactivate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends an account for good: out of all rooms, its name never used again.")
        @Flag(help: "Hide what it said from those who join later.") var erase = false
        @OptionGroup var target: Target

        func run() async throws { try await target.change("users/deactivate", ["erase": .bool(erase)]) }
    }
}

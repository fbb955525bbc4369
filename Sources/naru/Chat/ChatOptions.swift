import ArgumentParser
import Foundation
import Terminal

/// What all of `naru chat` understands.
struct ChatOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Which account, when there are several.", valueName: "name"))
    var profile = "default"

    @Option(
        help: ArgumentHelp(
            "ko, en, ja, zh-Hans, zh-Hant, id, ms, fil, vi, th, es or ar. (default: that of LANG)", valueName: "tag"))
    var language: String?

    @Option(
        help: ArgumentHelp(
            "A PEM file with certificate authorities to trust besides the system's.", valueName: "file"))
    var certificateAuthority: [String] = []

    func validate() throws {
        if let language, Language(tag: language) == nil {
            throw ValidationError("--language: '\(language)' is none of the languages of Naru.")
        }
        if ProfileLocation(name: profile, environment: ProcessInfo.processInfo.environment) == nil {
            throw ValidationError("--profile: letters, digits, '.', '-' and '_' only; and HOME must be set.")
        }
    }

    var phrases: Phrases {
        let environment = ProcessInfo.processInfo.environment
        return Phrases(language.flatMap { Language(tag: $0) } ?? Language(environment: environment))
    }

    func openProfile() throws -> ChatProfile {
        let environment = ProcessInfo.processInfo.environment
        guard let location = ProfileLocation(name: profile, environment: environment) else {
            throw ValidationError("HOME must be set.")
        }
        return try ChatProfile(location, phrases: phrases, certificateAuthorities: certificateAuthority)
    }
}

/// Something that is said instead of doing what was asked.
struct ChatFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Prints a line at once, also into a pipe.
func printLine(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

/// Where people read what is not the output of a command.
func sayOnStandardError(_ text: String) {
    FileHandle.standardError.write(Data("\(DisplayText.paragraphs(text))\n".utf8))
}

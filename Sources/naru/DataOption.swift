import ArgumentParser
import Foundation

/// `--data`, for the commands that work on a data folder.
struct DataOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server's data folder. (default: that of NARU_DATA, or data)", valueName: "folder"))
    var data: String?

    var path: String { data ?? ProcessInfo.processInfo.environment["NARU_DATA"] ?? "data" }
}

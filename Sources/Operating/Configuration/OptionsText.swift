/// The table of options for people to read.
package enum OptionsText {
    /// For `--help`.
    package static func help(_ options: [OptionDescription] = ServerOptions.all) -> String {
        var lines: [String] = []
        for section in OptionDescription.Section.allCases {
            let members = options.filter { $0.section == section }
            guard !members.isEmpty else { continue }
            lines += ["", "\(section.rawValue.uppercased()):"]
            for option in members {
                lines.append("  --\(option.name) <\(option.placeholder)>")
                lines += wrapped("\(option.meaning) (default: \(option.usual))", columns: 68).map { "        \($0)" }
            }
        }
        return lines.joined(separator: "\n")
    }

    /// For `docs/configuration.md`.
    package static func markdown(_ options: [OptionDescription] = ServerOptions.all) -> String {
        var text = """
            # Configuration

            <!-- Written by `make configuration`; change Sources/Operating/Configuration/ServerOptions.swift instead. -->

            Without any option Naru listens on this machine alone, lets anybody on it sign up, and keeps its data in \
            `./data`.

            Each option may stand in three places. The command line comes first (`--server-name example.org`), then \
            the environment (`NARU_SERVER_NAME=example.org`), then the YAML file that `--config FILE` or \
            `NARU_CONFIG` names:

            ```yaml
            server-name: example.org
            listen:
              - 127.0.0.1:8008
              - {address: "::", port: 443, tls: on, certificate: /etc/naru/chain.pem, key: /etc/naru/key.pem}
            registration-token: come-across-the-river
            ```

            Options that are lists are lists in the file, are given several times on the command line, and are parted \
            by commas in the environment. Secrets belong into the file, which only the server's user can read, or \
            into the environment: everybody on the machine sees command lines.

            `naru serve --check` with the same options says what the server would run with and everything that is \
            wrong, with the place where it was written, and starts nothing. It ends with code 0 when all is well and \
            with 78 when something is not.

            """
        for section in OptionDescription.Section.allCases {
            let members = options.filter { $0.section == section }
            guard !members.isEmpty else { continue }
            text += "\n## \(section.rawValue)\n\n| option | meaning | default | example |\n|---|---|---|---|\n"
            for option in members {
                let values = option.placeholder.replacing("|", with: "\\|")
                let kind = option.isList ? "list of \(values)" : values
                text += "| `\(option.name)` (\(kind)) | \(option.meaning) | \(option.usual) | `\(option.example)` |\n"
            }
        }
        return text
    }

    private static func wrapped(_ text: String, columns: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

import ArgumentParser

/// `naru chat`: the messenger in a terminal, and what scripts do with it.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "The messenger in the terminal: encrypted chats, and sending and reading for scripts.",
        discussion: """
            Without a subcommand, the chats are opened:

              naru chat                             the screen; F1 or /help shows keys and commands
              naru chat --plain                     the same line by line, for screen readers and slow lines

            The first time, it asks whether to make an account or to sign in. Without questions:

              naru chat register --server https://naru.example --user minji
              naru chat login --server naru.example --user minji --password-stdin < password

            For scripts; a chat is named by its ID, its address, a person or its name:

              naru chat rooms --json
              naru chat send '#jeju:naru.example' '내일 봐요!'
              uptime | naru chat send @minji:naru.example -
              naru chat tail --json | jq -r .body

            Everything is kept below $XDG_DATA_HOME/naru/chat (~/.local/share/naru/chat), sealed, for your eyes only; \
            --profile keeps several accounts apart. The language is that of LANG, or what --language says. \
            docs/terminal.md tells the rest.
            """,
        subcommands: [
            ChatOpenCommand.self, ChatRegisterCommand.self, ChatLoginCommand.self, ChatLogoutCommand.self,
            ChatRoomsCommand.self, ChatSendCommand.self, ChatTailCommand.self, ChatHistoryCommand.self,
            ChatSearchCommand.self, ChatVerifyCommand.self, ChatRecoveryCommand.self, ChatDevicesCommand.self,
        ],
        defaultSubcommand: ChatOpenCommand.self)
}

/// What other implementations wrote for the account of ``ForeignMessageTests``: three pre-key messages each.
///
/// Made once, by vodozemac 0.10.0 and libolm 3.2.16 through their Python bindings.
struct ForeignSender: Sendable, CustomStringConvertible {
    let name: String
    let identityKey: String
    let sessionID: String
    let messages: [String]

    static let plaintexts = ["안녕", "second", "third"]

    var description: String { name }

    static let all = [
        ForeignSender(
            name: "vodozemac", identityKey: "x2+kD04qyjf1Yx3EfMXmufQEt8mHfro+VhvFkLU+NiU",
            sessionID: "15zXgFg8BqAS/tKazBjJVPN1N2ajvlhRpDqbs5BKsM4",
            messages: [
                """
                AwogeaYx7t4b+cmPEgMs3q3Q56B5OY/HhriMyEbsia+FpRoSIL03ByhRHDmX1Iibvw8WfJNkxrgxno+pkYlhI+3sak\
                FCGiDHb6QPTirKN/VjHcR8xea59AS3yYd+uj5WG8WQtT42JSI/AwogfqVYSC4/EaNuzzKEfTuYEl7aOfgqgNhG/TkM\
                NJn2Ph8QACIQOULqLiDir+W/ry5XO39F0+ktroYwXwir
                """,
                """
                AwogeaYx7t4b+cmPEgMs3q3Q56B5OY/HhriMyEbsia+FpRoSIL03ByhRHDmX1Iibvw8WfJNkxrgxno+pkYlhI+3sak\
                FCGiDHb6QPTirKN/VjHcR8xea59AS3yYd+uj5WG8WQtT42JSI/AwogfqVYSC4/EaNuzzKEfTuYEl7aOfgqgNhG/TkM\
                NJn2Ph8QASIQ7msFC7zWcrfLCboKBQKuDvSWt+1WwgKD
                """,
                """
                AwogeaYx7t4b+cmPEgMs3q3Q56B5OY/HhriMyEbsia+FpRoSIL03ByhRHDmX1Iibvw8WfJNkxrgxno+pkYlhI+3sak\
                FCGiDHb6QPTirKN/VjHcR8xea59AS3yYd+uj5WG8WQtT42JSI/AwogfqVYSC4/EaNuzzKEfTuYEl7aOfgqgNhG/TkM\
                NJn2Ph8QAiIQHh1xVvd1I/GEbznZfNvfizQMib/RI1Rq
                """,
            ]),
        ForeignSender(
            name: "libolm", identityKey: "7WEaRy4YV0EY7fGFqpYmpTC5j2kd0ikSgzOQ0d/bdic",
            sessionID: "Hy+O3n6042/D/PrFERNL1kT0I6FsojdN5yUyEn5A330",
            messages: [
                """
                AwogZ13VdO13iTELPS52gfN5C0ZsdzsVIf7PNld5WDcepS8SIEWFQ6/1b/hJ0zqMwx59iQwcBrRz6b0439fIz+Jr9Y\
                0aGiDtYRpHLhhXQRjt8YWqlialMLmPaR3SKRKDM5DR39t2JyI/AwogvZGwAxWPSEnc4uuL40f1HTorTlq0Wq2cMauv\
                ZrBPg18QACIQzMT6iP9L2S8PdC0s784AjqeQSRRD810c
                """,
                """
                AwogZ13VdO13iTELPS52gfN5C0ZsdzsVIf7PNld5WDcepS8SIEWFQ6/1b/hJ0zqMwx59iQwcBrRz6b0439fIz+Jr9Y\
                0aGiDtYRpHLhhXQRjt8YWqlialMLmPaR3SKRKDM5DR39t2JyI/AwogvZGwAxWPSEnc4uuL40f1HTorTlq0Wq2cMauv\
                ZrBPg18QASIQ+GQvxJYNhyxPI8zLSBf51GqsRKFIYCt+
                """,
                """
                AwogZ13VdO13iTELPS52gfN5C0ZsdzsVIf7PNld5WDcepS8SIEWFQ6/1b/hJ0zqMwx59iQwcBrRz6b0439fIz+Jr9Y\
                0aGiDtYRpHLhhXQRjt8YWqlialMLmPaR3SKRKDM5DR39t2JyI/AwogvZGwAxWPSEnc4uuL40f1HTorTlq0Wq2cMauv\
                ZrBPg18QAiIQnvw4rPiWQ99kN8eqafjNzst8H3+5hL1y
                """,
            ]),
    ]

    /// The receiver: secrets of counting bytes, two one-time keys.
    static let account = """
        AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8AAA\
        AAAAAAAgAAAAACAAAAAAAAAABAQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX3mmMe7eG/nJjxIDLN6t0Oeg\
        eTmPx4a4jMhG7ImvhaUaAQAAAAAAAAABYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn9nXdV07XeJMQs9Ln\
        aB83kLRmx3OxUh/s82V3lYNx6lLwE
        """
}

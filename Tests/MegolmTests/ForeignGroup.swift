/// Sessions of other implementations, with their first three messages.
///
/// Made once, by vodozemac 0.10.0 and libolm 3.2.16 through their Python bindings.
struct ForeignGroup: Sendable, CustomStringConvertible {
    let name: String
    let sessionID: String
    let sessionKey: String
    let messages: [String]
    /// The session from index 2 on, as they export it.
    let exportAtTwo: String

    static let plaintexts = ["안녕", "second", "third"]

    var description: String { name }

    static let all = [
        ForeignGroup(
            name: "vodozemac", sessionID: "6waqS1f+HYhR3dNOIiBi2tPqsLPEzDFJvonG8vzvUR0",
            sessionKey: """
                AgAAAAAYNPg9q3l8pklFRo6AFYXIop6qUIvHkN6/SfVaRUvRZS4PFRQtqpc3pmJwA9xxHRm4C2FKaqjwRLepkyDKLu\
                sysjzoV1loekfMfmvwPeW6d/mrzLlSB9IU4rMy4leUQNkwLf8P7tNuKZknKbJpcijiv1MbLAu2a2aopVAIhlq6k+sG\
                qktX/h2IUd3TTiIgYtrT6rCzxMwxSb6JxvL871Ed4UsGt1pMQ+2MenqbcTngQC5RqBr37VG1XwmzXlFfWl8P5gzgRL\
                OUMnBDkudoaBK91wsFYnxqqChuouvI8MbCAQ
                """,
            messages: [
                """
                AwgAEhCCEaUzQamwabPMHwd6/8cen1mPkwrGw3JaD8cOSQCO+929TH28bxsZ9KBjL+MGgDH2oU4HQSsYF//k0BSq7n\
                p/UcvyJLqFyrWG5OZBBVSffTyLBtxKAogP
                """,
                """
                AwgBEhBK6mgUBkB2X1YgVvtdMuHS256lCGt/Y+VFd2Rx6yWTjsm23l9tK11wKSqP3kxLYNATq3GN8IuYDHTTkptEO+\
                07811gsihGl5VPDVzt8t+QCzPriyNtOr8F
                """,
                """
                AwgCEhCmjEjXBbuYLmsziI6TcGJC98zownsXJCcuz4HWGH3aI5CHnvS23owXR+EGwKLgbxStmBpP4WBP7kokaeIER9\
                C1zK/SJyThhIcwDKdZvKrg3BU9zp80gVUB
                """,
            ],
            exportAtTwo: """
                AQAAAAIYNPg9q3l8pklFRo6AFYXIop6qUIvHkN6/SfVaRUvRZS4PFRQtqpc3pmJwA9xxHRm4C2FKaqjwRLepkyDKLu\
                sysjzoV1loekfMfmvwPeW6d/mrzLlSB9IU4rMy4leUQNm2WQr+wkwIYvrJLQ1C/U0DAcz+4mydftyZk58ucYqubesG\
                qktX/h2IUd3TTiIgYtrT6rCzxMwxSb6JxvL871Ed
                """),
        ForeignGroup(
            name: "libolm", sessionID: "IJcITFwt2juHjqTOCj4iMXGfLHFpG/FuOfTePD4QOkg",
            sessionKey: """
                AgAAAACtK2LMu7zHPMx8WHsrUaArpFUDwPdcKDvQT1+2Cs8xeMpIw+9qejw78QxkKNcxqu2A3T/fzZQwvzMKvzkjFH\
                W/vg4ZL9kPUTbG1P90GuLx4zu38w4whAGnsS+AwS5faiQhCoa4kcRk3svWoK/X479DMAOxMzqaYSbKptlMsCP52iCX\
                CExcLdo7h46kzgo+IjFxnyxxaRvxbjn03jw+EDpIzDtA4lfT0uZw6x1xWznhjsPhv7DrcTC7H05np8sNfMaSu1btO+\
                tRRDSRRPuNq/eXrttBjA9hkwXrziFUwzw1DA
                """,
            messages: [
                """
                AwgAEhAv5VqptlKhhPi1BnmrsHA2V/+3p8n8xwA0HHLYEEf8baV0YU20j5TUTAu/7MCS4tRMtE0LZ9KWDaYeuIb2og\
                Z6YF4IozcDHQmJvZB4/QnHzG5uGoUXnn0K
                """,
                """
                AwgBEhChUsdSqQsZ4AgP3lUsFKavKD3ncAKoPDzuWJxGzxI8fNWZtzm9NIz338sukPeNV7ICWPX2lbR/0yuc/Iy0V6\
                Z3LNE4upSbrvXSvrVWUVx1eBtcGNIDJdQK
                """,
                """
                AwgCEhDhlF4iiXOadAije4Dj5oxmPMfm9AbZHjH3O2Q5C2R9u8qYTBizuFvh31GiwDz90ACi4SCh5GzDvFXyBOval+\
                ENxaGdH4Tg8Cs354VR0xMZ33nkgr7meuYM
                """,
            ],
            exportAtTwo: """
                AQAAAAKtK2LMu7zHPMx8WHsrUaArpFUDwPdcKDvQT1+2Cs8xeMpIw+9qejw78QxkKNcxqu2A3T/fzZQwvzMKvzkjFH\
                W/vg4ZL9kPUTbG1P90GuLx4zu38w4whAGnsS+AwS5faiSwVlZ2ziPJ0wxhlChrN8v0HTudpDAFLo+JjRd43yKY2SCX\
                CExcLdo7h46kzgo+IjFxnyxxaRvxbjn03jw+EDpI
                """),
    ]
}

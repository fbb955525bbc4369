// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 language mode, warnings are errors, `any` is written out.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

/// A library target in the layer's folder. A layer imports only layers listed above it.
func layer(
    _ name: String, in folder: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)", exclude: exclude,
        swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", swiftSettings: settings)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let tls = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]

let package = Package(
    name: "naru",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .executable(name: "naru", targets: ["naru"]),
        .library(name: "EncryptionCore", targets: ["Primitives", "Olm", "Megolm"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Protocol: what the specification says.
        layer("UnpaddedBase64", in: "Protocol"),
        layer("CanonicalJSON", in: "Protocol"),
        layer("MatrixIdentifiers", in: "Protocol", ["CanonicalJSON"]),
        layer("MatrixEvents", in: "Protocol", ["CanonicalJSON", "MatrixIdentifiers"]),
        layer("MatrixAPI", in: "Protocol", ["CanonicalJSON", "MatrixIdentifiers"]),
        layer("MatrixClientAPI", in: "Protocol", ["CanonicalJSON", "MatrixIdentifiers", "MatrixEvents", "MatrixAPI"]),

        // Metrics: counts that many threads increase, and Prometheus' text.
        .target(name: "Metrics", path: "Sources/Metrics", swiftSettings: settings),

        // Rules: the specification's algorithms, pure functions.
        .target(
            name: "Rules",
            dependencies: ["UnpaddedBase64", "CanonicalJSON", "MatrixIdentifiers", "MatrixEvents", crypto],
            path: "Sources/Rules", swiftSettings: settings),

        // Core: what the web client will run too, in the subset that Embedded Swift accepts. `scripts/web-core` makes
        // WebAssembly of it, with the folder `BoringSSL` in the place of swift-crypto, and `WebCore` on top.
        layer("HangulSearch", in: "Core"),
        layer("Primitives", in: "Core", ["UnpaddedBase64", crypto, cryptoExtras], exclude: ["BoringSSL"]),
        layer("RatchetFormat", in: "Core", ["Primitives"]),
        layer("Olm", in: "Core", ["RatchetFormat", "Primitives", "UnpaddedBase64"]),
        layer("Megolm", in: "Core", ["RatchetFormat", "Primitives", "UnpaddedBase64"]),
        layer("ShortAuthenticationString", in: "Core", ["Primitives", "UnpaddedBase64"]),
        layer("SecretStorage", in: "Core", ["Primitives", "UnpaddedBase64", "CanonicalJSON"]),
        layer(
            "KeyBackup", in: "Core", ["Primitives", "CrossSigning", "SecretStorage", "UnpaddedBase64", "CanonicalJSON"]),
        layer("EncryptedAttachments", in: "Core", ["Primitives", "UnpaddedBase64", "CanonicalJSON"]),
        layer("CrossSigning", in: "Core", ["Primitives", "UnpaddedBase64", "CanonicalJSON"]),
        layer(
            "Verification", in: "Core", ["Primitives", "ShortAuthenticationString", "UnpaddedBase64", "CanonicalJSON"]),
        layer(
            "EncryptionMachine", in: "Core",
            [
                "Primitives", "Olm", "Megolm", "CrossSigning", "Verification", "SecretStorage", "KeyBackup",
                "EncryptedAttachments", "UnpaddedBase64", "CanonicalJSON",
            ]),

        // Transport: the HTTP client of server and SDK.
        layer("OutgoingHTTP", in: "Transport", [tls] + nio),

        // Storage.
        layer("HomeserverStore", in: "Storage", ["Metrics", "CanonicalJSON", "MatrixIdentifiers", "MatrixEvents"]),
        layer(
            "HomeserverStoreSQLite", in: "Storage",
            [
                "HomeserverStore", "UnpaddedBase64", "MatrixIdentifiers", "MatrixEvents", database,
            ]),

        // Server.
        .systemLibrary(
            name: "CArgon2", path: "Sources/Server/CArgon2", pkgConfig: "libargon2",
            providers: [.apt(["libargon2-dev"])]),
        layer("ServerEnvironment", in: "Server"),
        layer("RateLimiting", in: "Server", ["ServerEnvironment", "MatrixAPI"]),
        layer(
            "Accounts", in: "Server",
            [
                "CArgon2", "ServerEnvironment", "RateLimiting", "MatrixEvents", "HomeserverStore", "Rules",
                "UnpaddedBase64",
                "CanonicalJSON", "MatrixIdentifiers", "MatrixAPI",
                crypto, logging,
            ]),
        layer(
            "Rooms", in: "Server",
            [
                "ServerEnvironment", "HangulSearch", "HomeserverStore", "Rules", "UnpaddedBase64", "CanonicalJSON",
                "MatrixIdentifiers",
                "MatrixEvents", "MatrixAPI", crypto, logging,
            ]),
        layer(
            "EndToEnd", in: "Server",
            [
                "Accounts", "Rooms", "HomeserverStore", "Rules", "UnpaddedBase64", "CanonicalJSON",
                "MatrixIdentifiers", "MatrixAPI", crypto,
            ]),
        layer(
            "Sync", in: "Server",
            [
                "ServerEnvironment", "Accounts", "Rooms", "EndToEnd", "HomeserverStore", "Rules", "CanonicalJSON",
                "MatrixIdentifiers",
                "MatrixEvents", "MatrixAPI",
            ]),
        layer(
            "Push", in: "Server",
            [
                "ServerEnvironment", "OutgoingHTTP", "Accounts", "Rooms", "HomeserverStore", "Rules", "CanonicalJSON",
                "MatrixIdentifiers", "MatrixEvents", "MatrixAPI", logging,
            ]),
        layer(
            "OAuth", in: "Server",
            [
                "ServerEnvironment", "Accounts", "HomeserverStore", "UnpaddedBase64", "CanonicalJSON",
                "MatrixIdentifiers", "MatrixAPI", crypto,
            ]),
        layer(
            "AccountPages", in: "Server",
            [
                "ServerEnvironment", "RateLimiting", "OAuth", "Accounts", "HTTPServing", "HomeserverStore",
                "UnpaddedBase64",
                "CanonicalJSON", "MatrixIdentifiers", "MatrixAPI", crypto,
            ]),
        layer(
            "Search", in: "Server",
            [
                "ServerEnvironment", "Accounts", "Rooms", "HangulSearch", "HomeserverStore", "CanonicalJSON",
                "MatrixIdentifiers", "MatrixEvents", "MatrixAPI",
            ]),
        layer(
            "Homeserver", in: "Server",
            [
                "ServerEnvironment", "Accounts", "Rooms", "EndToEnd", "Sync", "HomeserverStore", "Rules",
                "MatrixIdentifiers", logging, "OutgoingHTTP", "Push", "MatrixAPI", "RateLimiting", "OAuth", "Search",
            ]),
        layer("HTTPServing", in: "Server", ["CanonicalJSON", "MatrixIdentifiers", "MatrixAPI", logging, tls] + nio),
        layer(
            "ClientServerAPI", in: "Server",
            [
                "ServerEnvironment", "HTTPServing", "Homeserver", "Accounts", "Rooms", "EndToEnd", "Sync",
                "HomeserverStore", "Rules", "UnpaddedBase64", "CanonicalJSON", "Push", "Metrics", "RateLimiting",
                "OAuth", "AccountPages", "Search", "HangulSearch",
                "MatrixIdentifiers", "MatrixEvents", "MatrixAPI", "MatrixClientAPI", crypto, logging,
            ]),

        // What operators touch: options, the data folder, backups, metrics.
        layer(
            "Configuration", in: "Operating",
            [
                "Accounts", "HTTPServing", "Homeserver", "MatrixIdentifiers", "OutgoingHTTP", "RateLimiting", "Rooms",
                "Rules", logging,
                .product(name: "Yams", package: "Yams"),
            ]),
        layer(
            "DataKeeping", in: "Operating",
            [
                "CanonicalJSON", "HomeserverStoreSQLite", "MatrixIdentifiers", "Rooms", "Rules", "UnpaddedBase64",
                crypto,
            ]),
        layer(
            "Administration", in: "Operating",
            [
                "Accounts", "CanonicalJSON", "HTTPServing", "Homeserver", "HomeserverStore", "MatrixAPI",
                "MatrixIdentifiers", "Rooms", "ServerEnvironment", "UnpaddedBase64",
            ]),
        layer(
            "Observation", in: "Operating",
            [
                "Metrics", "ClientServerAPI", "HTTPServing", "Homeserver", "HomeserverStore", "Rooms", "Sync",
                "CanonicalJSON", logging,
            ]),

        // The load generator: any Matrix homeserver, by URL.
        layer("HomeserverBench", in: "Bench", ["CanonicalJSON"] + nio),

        // Client: the SDK, what it keeps on a device, and the terminal's screens.
        layer(
            "MatrixClient", in: "Client",
            [
                "Primitives", "EncryptionMachine", "EncryptedAttachments", "Verification", "KeyBackup",
                "ShortAuthenticationString",
                "HangulSearch", "OutgoingHTTP",
                "UnpaddedBase64", "CanonicalJSON", "MatrixIdentifiers", "MatrixAPI", "MatrixClientAPI",
            ]),
        layer(
            "ClientStoreSQLite", in: "Client",
            ["Primitives", "EncryptionMachine", "MatrixClient", "CanonicalJSON", "MatrixIdentifiers", database]),
        layer("Terminal", in: "Client", ["HangulSearch"]),

        .executableTarget(
            name: "naru",
            dependencies: [
                "ServerEnvironment", "ClientServerAPI", "HTTPServing", "Homeserver", "Accounts", "Rooms", "Sync",
                "HomeserverStore", "HomeserverStoreSQLite", "OutgoingHTTP", "Rules", "UnpaddedBase64", "CanonicalJSON",
                "MatrixIdentifiers", "MatrixAPI",
                "HomeserverBench", "Administration", "Configuration", "DataKeeping", "Observation", crypto, logging,
                "MatrixClient", "ClientStoreSQLite", "Terminal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + nio,
            path: "Sources/naru", swiftSettings: settings),

        // Random values for the tests that need many.
        .target(
            name: "RandomJSON", dependencies: ["CanonicalJSON"], path: "Tests/RandomJSON", swiftSettings: settings),

        // A whole server in a temporary folder, without a socket.
        .target(
            name: "ServerUnderTest",
            dependencies: [
                "ServerEnvironment", "ClientServerAPI", "HTTPServing", "Homeserver", "Accounts", "Rooms", "EndToEnd",
                "Sync", "HomeserverStore", "HomeserverStoreSQLite", "Rules", "CanonicalJSON", "MatrixIdentifiers",
                "MatrixEvents", "MatrixAPI", "OutgoingHTTP", "Push", "RateLimiting",
                "RandomJSON", logging,
            ],
            path: "Tests/Support/ServerUnderTest", swiftSettings: settings),

        // How much work an operation takes: counts that the machine's mood does not change.
        .target(name: "CWorkCounts", path: "Tests/Support/CWorkCounts"),
        .executableTarget(
            name: "WorkCounts",
            dependencies: ["CWorkCounts", "ServerUnderTest", "HTTPServing", "CanonicalJSON", "MatrixIdentifiers"],
            path: "Tests/WorkCounts", exclude: ["limits.json"], swiftSettings: settings),

        // The encryption as a program, for tests against other implementations.
        .executableTarget(
            name: "EncryptionPeer",
            dependencies: [
                "Primitives", "Olm", "Megolm", "ShortAuthenticationString", "KeyBackup", "UnpaddedBase64",
                "CanonicalJSON",
            ],
            path: "Tests/Support/EncryptionPeer", swiftSettings: settings),
        .executableTarget(
            name: "EncryptionBenchmarks", dependencies: ["Primitives", "Olm", "Megolm", "CanonicalJSON"],
            path: "Tests/EncryptionBenchmarks", swiftSettings: settings),

        tests("HangulSearch", ["HangulSearch", "RandomJSON"]),
        tests("Primitives", ["Primitives", "RandomJSON", crypto]),
        tests("RatchetFormat", ["RatchetFormat", "RandomJSON"]),
        tests("Olm", ["Olm", "Primitives", "UnpaddedBase64", "RandomJSON"]),
        tests("Megolm", ["Megolm", "Primitives", "UnpaddedBase64", "RandomJSON"]),
        tests("ShortAuthenticationString", ["ShortAuthenticationString", "Primitives", "UnpaddedBase64"]),
        tests("SecretStorage", ["SecretStorage", "RandomJSON", "Primitives", "UnpaddedBase64", "CanonicalJSON"]),
        tests(
            "KeyBackup",
            ["KeyBackup", "CrossSigning", "SecretStorage", "Primitives", "UnpaddedBase64", "CanonicalJSON"]),
        tests(
            "EncryptedAttachments",
            ["EncryptedAttachments", "RandomJSON", "Primitives", "UnpaddedBase64", "CanonicalJSON"]),
        tests("CrossSigning", ["CrossSigning", "Primitives", "UnpaddedBase64", "CanonicalJSON"]),
        tests(
            "Verification",
            ["Verification", "ShortAuthenticationString", "Primitives", "UnpaddedBase64", "CanonicalJSON"]),
        tests(
            "EncryptionMachine",
            [
                "EncryptionMachine", "Primitives", "Olm", "Megolm", "CrossSigning", "Verification", "SecretStorage",
                "KeyBackup", "UnpaddedBase64", "CanonicalJSON", "RandomJSON",
            ]),
        tests(
            "MatrixClient",
            [
                "MatrixClient", "ClientStoreSQLite", "EncryptionMachine", "Primitives", "ServerUnderTest",
                "HTTPServing", "CanonicalJSON", "MatrixIdentifiers", "MatrixAPI", "RandomJSON", "OutgoingHTTP",
            ]),
        tests("Terminal", ["Terminal", "RandomJSON"]),
        tests("CanonicalJSON", ["CanonicalJSON", "UnpaddedBase64", "RandomJSON"]),
        tests("MatrixIdentifiers", ["MatrixIdentifiers"]),
        tests("Configuration", ["Configuration", "Accounts", "HTTPServing", "MatrixIdentifiers", "Rules"]),
        tests(
            "DataKeeping",
            [
                "ServerUnderTest", "DataKeeping", "HomeserverStore", "HomeserverStoreSQLite", "CanonicalJSON",
                "MatrixIdentifiers", "UnpaddedBase64",
            ]),
        tests(
            "Administration",
            [
                "ServerUnderTest", "Administration", "CanonicalJSON", "HTTPServing", "HomeserverStore", "MatrixAPI",
                "MatrixIdentifiers", "Rooms", "Rules",
            ]),
        tests("Metrics", ["Metrics"]),
        tests(
            "Observation",
            ["ServerUnderTest", "Observation", "ClientServerAPI", "HTTPServing", "CanonicalJSON", logging]),
        tests("HomeserverBench", ["HomeserverBench", "CanonicalJSON"] + nio),
        tests(
            "Rules",
            [
                "Rules", "CanonicalJSON", "MatrixIdentifiers", "MatrixEvents", "UnpaddedBase64", "RandomJSON", crypto,
            ]),
        tests(
            "StoreConformance",
            [
                "HomeserverStore", "HomeserverStoreSQLite", "MatrixIdentifiers", "MatrixEvents", "UnpaddedBase64",
                database,
            ]),
        tests("HomeserverStore", ["HomeserverStore", "HomeserverStoreSQLite", "ServerUnderTest", "MatrixIdentifiers"]),
        tests(
            "Rooms",
            [
                "ServerUnderTest", "Homeserver", "Rooms", "HomeserverStore", "Rules", "CanonicalJSON",
                "MatrixIdentifiers",
                "MatrixEvents", "MatrixAPI", "RandomJSON",
            ]),
        tests(
            "Sync",
            [
                "ServerUnderTest", "Homeserver", "Sync", "Rooms", "HomeserverStore", "Rules", "CanonicalJSON",
                "MatrixIdentifiers",
                "MatrixEvents", "MatrixAPI", "RandomJSON",
            ]),
        tests(
            "SyncModel",
            [
                "ServerUnderTest", "HTTPServing", "Accounts", "Rooms", "HomeserverStore", "CanonicalJSON",
                "MatrixIdentifiers", "MatrixAPI", "RandomJSON",
            ]),
        tests("OutgoingHTTP", ["OutgoingHTTP", tls] + nio),
        tests(
            "Push",
            [
                "ServerUnderTest", "Push", "OutgoingHTTP", "Accounts", "Rooms", "Rules", "HomeserverStore",
                "CanonicalJSON", "MatrixIdentifiers", "MatrixAPI",
            ]),
        tests(
            "EndToEnd",
            [
                "ServerUnderTest", "EndToEnd", "Sync", "Rooms", "HTTPServing", "HomeserverStore", "Rules",
                "UnpaddedBase64", "CanonicalJSON", "MatrixIdentifiers", "MatrixAPI",
            ]),
        tests(
            "Search",
            [
                "ServerUnderTest", "Search", "Rooms", "HangulSearch", "HomeserverStore",
                "HTTPServing", "CanonicalJSON", "MatrixIdentifiers", "MatrixEvents", "RandomJSON",
            ]),
        tests(
            "Accounts",
            [
                "ServerUnderTest", "Accounts", "HomeserverStore", "CanonicalJSON", "MatrixIdentifiers", "MatrixAPI",
                "ServerEnvironment", "Rooms", "RateLimiting",
            ]),
        tests(
            "OAuth",
            [
                "ServerUnderTest", "OAuth", "AccountPages", "CanonicalJSON", "MatrixIdentifiers", "MatrixAPI",
                "HTTPServing", "Accounts", "UnpaddedBase64", crypto,
            ]),
        tests(
            "ClientServerAPI",
            [
                "ServerUnderTest", "Homeserver", "ClientServerAPI", "HTTPServing", "Rooms", "CanonicalJSON",
                "MatrixIdentifiers", "MatrixAPI", "RandomJSON", "Accounts", "RateLimiting", "MatrixClientAPI",
            ]),
    ]
)

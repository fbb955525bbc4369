// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 language mode, warnings are errors, `any` is written out.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

/// A library target in the layer's folder. A layer imports only layers listed above it.
func layer(_ name: String, in folder: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)", swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", swiftSettings: settings)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
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
    products: [.executable(name: "naru", targets: ["naru"])],
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

        // Rules: the specification's algorithms, pure functions.
        .target(
            name: "Rules",
            dependencies: ["UnpaddedBase64", "CanonicalJSON", "MatrixIdentifiers", "MatrixEvents", crypto],
            path: "Sources/Rules", swiftSettings: settings),

        // Storage.
        layer("HomeserverStore", in: "Storage", ["CanonicalJSON", "MatrixIdentifiers", "MatrixEvents"]),
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
        layer(
            "Accounts", in: "Server",
            [
                "CArgon2", "ServerEnvironment", "MatrixEvents", "HomeserverStore", "Rules", "UnpaddedBase64",
                "CanonicalJSON", "MatrixIdentifiers", "MatrixAPI",
                crypto, logging,
            ]),
        layer(
            "Rooms", in: "Server",
            [
                "ServerEnvironment", "HomeserverStore", "Rules", "UnpaddedBase64", "CanonicalJSON", "MatrixIdentifiers",
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
        layer("OutgoingHTTP", in: "Server", [tls] + nio),
        layer(
            "Push", in: "Server",
            [
                "ServerEnvironment", "OutgoingHTTP", "Accounts", "Rooms", "HomeserverStore", "Rules", "CanonicalJSON",
                "MatrixIdentifiers", "MatrixEvents", "MatrixAPI", logging,
            ]),
        layer(
            "Homeserver", in: "Server",
            [
                "ServerEnvironment", "Accounts", "Rooms", "EndToEnd", "Sync", "HomeserverStore", "Rules",
                "MatrixIdentifiers", logging, "OutgoingHTTP", "Push",
            ]),
        layer("HTTPServing", in: "Server", ["CanonicalJSON", "MatrixIdentifiers", "MatrixAPI", logging, tls] + nio),
        layer(
            "ClientServerAPI", in: "Server",
            [
                "ServerEnvironment", "HTTPServing", "Homeserver", "Accounts", "Rooms", "EndToEnd", "Sync",
                "HomeserverStore", "Rules", "UnpaddedBase64", "CanonicalJSON", "Push",
                "MatrixIdentifiers", "MatrixEvents", "MatrixAPI", "MatrixClientAPI", crypto, logging,
            ]),

        // The load generator: any Matrix homeserver, by URL.
        layer("HomeserverBench", in: "Bench", ["CanonicalJSON"] + nio),

        .executableTarget(
            name: "naru",
            dependencies: [
                "ServerEnvironment", "ClientServerAPI", "HTTPServing", "Homeserver", "Accounts", "Rooms", "Sync",
                "HomeserverStore", "HomeserverStoreSQLite", "OutgoingHTTP", "Rules", "UnpaddedBase64", "CanonicalJSON",
                "MatrixIdentifiers", "MatrixAPI",
                "HomeserverBench", crypto, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
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
                "MatrixEvents", "MatrixAPI", "OutgoingHTTP", "Push",
                "RandomJSON", logging,
            ],
            path: "Tests/Support/ServerUnderTest", swiftSettings: settings),

        tests("CanonicalJSON", ["CanonicalJSON", "UnpaddedBase64", "RandomJSON"]),
        tests("MatrixIdentifiers", ["MatrixIdentifiers"]),
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
            "Accounts",
            [
                "ServerUnderTest", "Accounts", "HomeserverStore", "CanonicalJSON", "MatrixIdentifiers", "MatrixAPI",
                "ServerEnvironment",
            ]),
        tests(
            "ClientServerAPI",
            [
                "ServerUnderTest", "Homeserver", "ClientServerAPI", "HTTPServing", "Rooms", "CanonicalJSON",
                "MatrixIdentifiers", "MatrixAPI",
                "RandomJSON",
            ]),
    ]
)

// swift-tools-version: 6.2
import PackageDescription

// Apart from the product, whose build need not know of fuzzers. `make fuzz` runs them; see CONTRIBUTING.md.
let package = Package(
    name: "naru-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "naru", path: "..")],
    targets: [
        .executableTarget(
            name: "Decoders", dependencies: [.product(name: "EncryptionCore", package: "naru")],
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error),
            ])
    ]
)

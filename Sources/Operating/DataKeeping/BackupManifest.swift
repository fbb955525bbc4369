import CanonicalJSON

/// What a backup says of itself: `manifest.json`.
package struct BackupManifest: Sendable, Equatable {
    package struct File: Sendable, Equatable {
        /// Relative to the backup's folder.
        package let path: String
        package let byteCount: Int64
        /// SHA-256 in hexadecimal.
        package let checksum: String
    }

    package let serverName: String
    /// Milliseconds since 1970.
    package let createdAt: Int64
    package let files: [File]

    static let name = "manifest.json"
    private static let format: Int64 = 1

    package init(serverName: String, createdAt: Int64, files: [File]) {
        self.serverName = serverName
        self.createdAt = createdAt
        self.files = files
    }

    package var json: JSONObject {
        [
            "format": .integer(Self.format), "server_name": .string(serverName), "created_at": .integer(createdAt),
            "files": .array(
                files.map {
                    ["path": .string($0.path), "bytes": .integer($0.byteCount), "sha256": .string($0.checksum)]
                }),
        ]
    }

    /// - Throws: when it is none, of a later format, or names files outside of the backup.
    package init(parsing bytes: [UInt8]) throws(BackupError) {
        guard let json = try? JSONParser.parse(bytes).objectValue, let format = json["format"]?.integerValue,
            let serverName = json["server_name"]?.stringValue, let createdAt = json["created_at"]?.integerValue,
            let list = json["files"]?.arrayValue
        else { throw BackupError("its \(Self.name) is not that of a backup.") }
        guard format == Self.format else {
            throw BackupError("it has format \(format), and this naru knows format \(Self.format).")
        }
        var files: [File] = []
        for entry in list {
            guard let object = entry.objectValue, let path = object["path"]?.stringValue,
                let byteCount = object["bytes"]?.integerValue, let checksum = object["sha256"]?.stringValue,
                !path.isEmpty, !path.hasPrefix("/"), !path.split(separator: "/").contains("..")
            else { throw BackupError("its \(Self.name) names a file that cannot be one.") }
            files.append(File(path: path, byteCount: byteCount, checksum: checksum))
        }
        self.init(serverName: serverName, createdAt: createdAt, files: files)
    }
}

/// Why a backup or a restoration was not done; nothing is left of it.
package struct BackupError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

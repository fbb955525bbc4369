import CanonicalJSON
import MatrixIdentifiers

/// The content of `m.tag`: the names that a user has given a room.
///
/// https://spec.matrix.org/v1.19/client-server-api/#mtag
enum RoomTags {
    static func names(in content: [UInt8]) throws -> Set<ByteExactString> {
        let tags = try JSONParser.parse(content)
        guard case .object(let object) = tags, let names = object["tags"]?.objectValue else { return [] }
        return Set(names.keys.map(ByteExactString.init))
    }
}

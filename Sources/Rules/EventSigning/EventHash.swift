import CanonicalJSON
import Crypto
import MatrixIdentifiers
import UnpaddedBase64

/// The two hashes of an event, from its JSON. ``EventBuilder`` computes the same for new events, faster.
public enum EventHash {
    /// The hash in the event's `hashes`, over all that redaction could take away.
    ///
    /// https://spec.matrix.org/v1.19/server-server-api/#calculating-the-content-hash-for-an-event
    public static func contentHash(of event: JSONObject) throws(JSONError) -> [UInt8] {
        var hashed = event
        for key in ["unsigned", "signatures", "hashes"] { hashed[key] = nil }
        return sha256(try hashed.canonicalBytes())
    }

    /// The hash that the event is known by; the same for the whole event and its redacted form.
    ///
    /// - Parameter event: a PDU. It has no `event_id`, which would change the hash.
    ///
    /// https://spec.matrix.org/v1.19/server-server-api/#calculating-the-reference-hash-for-an-event
    public static func referenceHash(of event: JSONObject, rules: RoomVersionRules) throws(JSONError) -> [UInt8] {
        // Step 1 takes away `unsigned` too, step 2 the rest.
        var redacted = Redaction.redact(event, rules: rules)
        redacted["signatures"] = nil
        return sha256(try redacted.canonicalBytes())
    }

    /// https://spec.matrix.org/v1.19/rooms/v12/#event-ids
    public static func eventID(of event: JSONObject, rules: RoomVersionRules) throws(JSONError) -> EventID {
        eventID(referenceHash: try referenceHash(of: event, rules: rules))
    }

    static func eventID(referenceHash: [UInt8]) -> EventID {
        guard let eventID = EventID("$" + UnpaddedBase64.encode(referenceHash, alphabet: .urlSafe)) else {
            preconditionFailure("URL-safe base64 follows the grammar of event IDs")
        }
        return eventID
    }

    private static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: bytes))
    }
}

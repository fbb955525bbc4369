import CanonicalJSON

/// Keeps the emoji of a reaction from the server.
///
/// By the specification `m.relates_to` stands in the cleartext, with the key of a reaction: the server would read how
/// people react to what it cannot read. So the key travels in the encrypted part, under a name of our own, and the
/// cleartext says only which message is meant. Other clients do not show such a reaction; theirs, with the key in the
/// cleartext, are shown here.
///
/// https://spec.matrix.org/v1.19/client-server-api/#event-annotations-and-reactions
package enum HiddenReaction {
    private static let key = "io.naru.reaction_key"

    package static func hiding(_ type: String, _ content: JSONObject, if isWanted: Bool) -> JSONObject {
        guard isWanted, utf8Equal(type, "m.reaction"), var relation = content["m.relates_to"]?.objectValue,
            let text = relation["key"]
        else { return content }
        var content = content
        relation["key"] = nil
        content["m.relates_to"] = .object(relation)
        content[key] = text
        return content
    }

    package static func revealing(_ type: String, _ content: JSONObject) -> JSONObject {
        guard utf8Equal(type, "m.reaction"), let text = content[key],
            var relation = content["m.relates_to"]?.objectValue, relation["key"] == nil
        else { return content }
        var content = content
        relation["key"] = text
        content["m.relates_to"] = .object(relation)
        content[key] = nil
        return content
    }
}

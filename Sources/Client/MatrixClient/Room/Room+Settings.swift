import CanonicalJSON

extension Room {
    public func setName(_ name: String) async throws(ClientError) {
        try await engine.setState("m.room.name", content: ["name": .string(name)], in: id)
    }

    public func setTopic(_ topic: String) async throws(ClientError) {
        try await engine.setState("m.room.topic", content: ["topic": .string(topic)], in: id)
    }

    /// Encrypts everything that is sent from now on. Cannot be taken back.
    public func enableEncryption() async throws(ClientError) {
        try await engine.setState("m.room.encryption", content: ["algorithm": "m.megolm.v1.aes-sha2"], in: id)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#room-tagging
    public func setFavourite(_ isFavourite: Bool) async throws(ClientError) {
        try await engine.setTag("m.favourite", isFavourite, in: id)
    }

    public func setLowPriority(_ isLowPriority: Bool) async throws(ClientError) {
        try await engine.setTag("m.lowpriority", isLowPriority, in: id)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#unread-markers
    public func setMarkedUnread(_ isUnread: Bool) async throws(ClientError) {
        try await engine.setMarkedUnread(isUnread, in: id)
    }
}

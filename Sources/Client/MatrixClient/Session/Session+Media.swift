extension Session {
    /// Uploads bytes that everybody may see: an avatar, say.
    ///
    /// - Returns: `mxc://…`
    public func upload(_ bytes: [UInt8], mimeType: String, name: String? = nil) async throws(ClientError) -> String {
        try await engine.upload(bytes, mimeType: mimeType, name: name)
    }
}

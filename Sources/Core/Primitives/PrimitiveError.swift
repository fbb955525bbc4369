/// Why a primitive refused its input. It never says more: what failed in which byte helps only an attacker.
public enum PrimitiveError: Error, Equatable, Sendable {
    /// A ciphertext whose length or padding cannot be that of AES-CBC with PKCS#7.
    case malformedCiphertext
    /// The tag does not belong to this ciphertext, key, nonce and additional data.
    case authenticationFailed
    /// A Curve25519 public key of small order, with which everybody would agree on zeros.
    ///
    /// https://www.rfc-editor.org/rfc/rfc7748#section-6.1
    case keyWithoutContribution
}

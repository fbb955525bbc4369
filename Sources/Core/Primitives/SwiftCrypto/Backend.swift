/// What the primitives are made of: here swift-crypto, which is BoringSSL on Linux and CryptoKit on Apple's systems.
///
/// The WebAssembly build leaves this folder out and has one of its own over BoringSSL's C, with the same names. Lengths
/// are checked by the callers, so that both agree on what is refused.
enum Backend {}

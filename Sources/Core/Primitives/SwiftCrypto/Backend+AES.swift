import Crypto
import CryptoExtras

extension Backend {
    static func aes256CTR(_ bytes: [UInt8], key: [UInt8], counter: [UInt8]) -> [UInt8] {
        do {
            let nonce = try AES._CTR.Nonce(nonceBytes: counter)
            return Array(try AES._CTR.encrypt(bytes, using: SymmetricKey(data: key), nonce: nonce))
        } catch {
            preconditionFailure("AES-CTR takes any bytes")
        }
    }

    static func aes256CBCEncrypt(_ bytes: [UInt8], key: [UInt8], iv: [UInt8]) -> [UInt8] {
        do {
            return Array(
                try AES._CBC.encrypt(bytes, using: SymmetricKey(data: key), iv: AES._CBC.IV(ivBytes: iv)))
        } catch {
            preconditionFailure("AES-CBC with padding takes any bytes")
        }
    }

    /// Nil when the padding is wrong.
    static func aes256CBCDecrypt(_ bytes: [UInt8], key: [UInt8], iv: [UInt8]) -> [UInt8]? {
        do {
            return Array(
                try AES._CBC.decrypt(bytes, using: SymmetricKey(data: key), iv: AES._CBC.IV(ivBytes: iv)))
        } catch {
            return nil
        }
    }

    static func aes256GCMSeal(
        _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], authenticating additional: [UInt8]
    ) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(
                plaintext, using: SymmetricKey(data: key), nonce: AES.GCM.Nonce(data: nonce),
                authenticating: additional)
            return Array(box.ciphertext) + Array(box.tag)
        } catch {
            preconditionFailure("AES-GCM takes any bytes")
        }
    }

    /// Nil when it was not sealed so.
    static func aes256GCMOpen(
        _ sealed: [UInt8], key: [UInt8], nonce: [UInt8], authenticating additional: [UInt8]
    ) -> [UInt8]? {
        do {
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: nonce), ciphertext: sealed.dropLast(AES256GCM.tagBytes),
                tag: sealed.suffix(AES256GCM.tagBytes))
            return Array(try AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: additional))
        } catch {
            return nil
        }
    }
}

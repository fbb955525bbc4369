/// What the host can ask for, by number: the same list, in the same order, as in `Web/src/core/operations.ts`.
enum Operation: Int32 {
    case release
    case jsonCanonical, base64Encode, base64Decode, sha256, sha512, hmac, hkdf, pbkdf2, aesCTR, aesCBC, aesGCM
    case curve25519Public, curve25519Agree, ed25519Public, ed25519Sign, ed25519Verify, queryMake, queryMatch
    case queryPatterns, searchTerms, groupSenderMake, groupSenderRestore, groupSenderPickle, groupSenderDescribe
    case groupSenderEncrypt, groupReceiverMake, groupReceiverImport, groupReceiverRestore, groupReceiverPickle
    case groupReceiverDescribe, groupReceiverDecrypt, groupReceiverExport, accountMake, accountRestore
    case accountPickle, accountKeys, accountSign, accountMakeKeys, accountUnpublishedKeys, accountMarkPublished
    case sessionBegin, sessionAccept, sessionRestore, sessionPickle, sessionDescribe, sessionEncrypt, sessionDecrypt
    case sasMake, sasPublicKey, sasAgree, sasString, sasCode, encryptorMake, encryptorUpdate, encryptorFinish
    case verifierMake, verifierUpdate, verifierFinish, decryptorUpdate, decryptorIsTheSame
    case machineMake, machineCall
}

extension Operation {
    func run(_ call: inout Call) throws(CallError) -> Int32 {
        switch self {
        case .release:
            releaseHeld(call.first)
            return 0
        case .jsonCanonical: return try WebCore.jsonCanonical(&call)
        case .base64Encode: return try WebCore.base64Encode(&call)
        case .base64Decode: return try WebCore.base64Decode(&call)
        case .sha256: return try WebCore.sha256(&call)
        case .sha512: return try WebCore.sha512(&call)
        case .hmac: return try WebCore.hmac(&call)
        case .hkdf: return try WebCore.hkdf(&call)
        case .pbkdf2: return try WebCore.pbkdf2(&call)
        case .aesCTR: return try WebCore.aesCTR(&call)
        case .aesCBC: return try WebCore.aesCBC(&call)
        case .aesGCM: return try WebCore.aesGCM(&call)
        case .curve25519Public: return try WebCore.curve25519Public(&call)
        case .curve25519Agree: return try WebCore.curve25519Agree(&call)
        case .ed25519Public: return try WebCore.ed25519Public(&call)
        case .ed25519Sign: return try WebCore.ed25519Sign(&call)
        case .ed25519Verify: return try WebCore.ed25519Verify(&call)
        case .queryMake: return try WebCore.queryMake(&call)
        case .queryMatch: return try WebCore.queryMatch(&call)
        case .queryPatterns: return try WebCore.queryPatterns(&call)
        case .searchTerms: return try WebCore.searchTerms(&call)
        case .groupSenderMake: return try WebCore.groupSenderMake(&call)
        case .groupSenderRestore: return try WebCore.groupSenderRestore(&call)
        case .groupSenderPickle: return try WebCore.groupSenderPickle(&call)
        case .groupSenderDescribe: return try WebCore.groupSenderDescribe(&call)
        case .groupSenderEncrypt: return try WebCore.groupSenderEncrypt(&call)
        case .groupReceiverMake: return try WebCore.groupReceiverMake(&call)
        case .groupReceiverImport: return try WebCore.groupReceiverImport(&call)
        case .groupReceiverRestore: return try WebCore.groupReceiverRestore(&call)
        case .groupReceiverPickle: return try WebCore.groupReceiverPickle(&call)
        case .groupReceiverDescribe: return try WebCore.groupReceiverDescribe(&call)
        case .groupReceiverDecrypt: return try WebCore.groupReceiverDecrypt(&call)
        case .groupReceiverExport: return try WebCore.groupReceiverExport(&call)
        case .accountMake: return try WebCore.accountMake(&call)
        case .accountRestore: return try WebCore.accountRestore(&call)
        case .accountPickle: return try WebCore.accountPickle(&call)
        case .accountKeys: return try WebCore.accountKeys(&call)
        case .accountSign: return try WebCore.accountSign(&call)
        case .accountMakeKeys: return try WebCore.accountMakeKeys(&call)
        case .accountUnpublishedKeys: return try WebCore.accountUnpublishedKeys(&call)
        case .accountMarkPublished: return try WebCore.accountMarkPublished(&call)
        case .sessionBegin: return try WebCore.sessionBegin(&call)
        case .sessionAccept: return try WebCore.sessionAccept(&call)
        case .sessionRestore: return try WebCore.sessionRestore(&call)
        case .sessionPickle: return try WebCore.sessionPickle(&call)
        case .sessionDescribe: return try WebCore.sessionDescribe(&call)
        case .sessionEncrypt: return try WebCore.sessionEncrypt(&call)
        case .sessionDecrypt: return try WebCore.sessionDecrypt(&call)
        case .sasMake: return try WebCore.sasMake(&call)
        case .sasPublicKey: return try WebCore.sasPublicKey(&call)
        case .sasAgree: return try WebCore.sasAgree(&call)
        case .sasString: return try WebCore.sasString(&call)
        case .sasCode: return try WebCore.sasCode(&call)
        case .encryptorMake: return try WebCore.encryptorMake(&call)
        case .encryptorUpdate: return try WebCore.encryptorUpdate(&call)
        case .encryptorFinish: return try WebCore.encryptorFinish(&call)
        case .verifierMake: return try WebCore.verifierMake(&call)
        case .verifierUpdate: return try WebCore.verifierUpdate(&call)
        case .verifierFinish: return try WebCore.verifierFinish(&call)
        case .decryptorUpdate: return try WebCore.decryptorUpdate(&call)
        case .decryptorIsTheSame: return try WebCore.decryptorIsTheSame(&call)
        case .machineMake: return try WebCore.machineMake(&call)
        case .machineCall: return try WebCore.machineCall(&call)
        }
    }
}

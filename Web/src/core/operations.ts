/** What the core can be asked for, in the order of `Sources/Core/WebCore/Operation.swift`: a place is a number. */
export const operations = [
    "release", "jsonCanonical", "base64Encode", "base64Decode", "sha256", "sha512", "hmac", "hkdf", "pbkdf2",
    "aesCTR", "aesCBC", "aesGCM", "curve25519Public", "curve25519Agree", "ed25519Public", "ed25519Sign",
    "ed25519Verify", "queryMake", "queryMatch", "queryPatterns", "searchTerms", "groupSenderMake",
    "groupSenderRestore", "groupSenderPickle", "groupSenderDescribe", "groupSenderEncrypt", "groupReceiverMake",
    "groupReceiverImport", "groupReceiverRestore", "groupReceiverPickle", "groupReceiverDescribe",
    "groupReceiverDecrypt", "groupReceiverExport", "accountMake", "accountRestore", "accountPickle", "accountKeys",
    "accountSign", "accountMakeKeys", "accountUnpublishedKeys", "accountMarkPublished", "sessionBegin",
    "sessionAccept", "sessionRestore", "sessionPickle", "sessionDescribe", "sessionEncrypt", "sessionDecrypt",
    "sasMake", "sasPublicKey", "sasAgree", "sasString", "sasCode", "encryptorMake", "encryptorUpdate",
    "encryptorFinish", "verifierMake", "verifierUpdate", "verifierFinish", "decryptorUpdate", "decryptorIsTheSame",
    "machineMake", "machineCall",
] as const;

export type Operation = typeof operations[number];

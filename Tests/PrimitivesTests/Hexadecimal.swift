/// The bytes that a document writes as hexadecimal digits, with white space as it likes.
func hex(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var half: UInt8?
    for character in text where !character.isWhitespace {
        guard let digit = character.hexDigitValue else { preconditionFailure("\(character) is no hexadecimal digit") }
        if let high = half {
            bytes.append(high << 4 | UInt8(digit))
            half = nil
        } else {
            half = UInt8(digit)
        }
    }
    precondition(half == nil, "digits come in pairs")
    return bytes
}

import NIOCore

/// The bytes of one user's send requests to one room, which differ in transaction id and text only.
///
/// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid
package struct MessageTemplate: Sendable {
    /// The length of an event's content, about that of an ordinary message with its formatting.
    package static let contentLength = 300

    private let beforeTransactionID: [UInt8]
    private let betweenTransactionIDAndText: [UInt8]
    private let afterText: [UInt8]

    /// - Parameter textLength: of every text this template will carry, in bytes.
    package init(requests: HTTPRequestBytes, session: MatrixSession, roomID: String, textLength: Int) {
        let beforeText = #"{"msgtype":"m.text","body":""#
        let end = #""}"#
        let padding = max(0, Self.contentLength - beforeText.utf8.count - textLength - end.utf8.count)
        let rest = String(repeating: "나루 naru ", count: padding / 12) + String(repeating: ".", count: padding % 12)
        let contentLength = beforeText.utf8.count + textLength + rest.utf8.count + end.utf8.count
        let path = "/_matrix/client/v3/rooms/\(percentEncoded(roomID))/send/m.room.message/"
        beforeTransactionID = Array("PUT \(path)".utf8)
        betweenTransactionIDAndText = Array(
            (requests.headAfterPath(accessToken: session.accessToken, bodyLength: contentLength) + beforeText).utf8)
        afterText = Array((rest + end).utf8)
    }

    /// Replaces what `buffer` holds with a request.
    ///
    /// - Parameter text: of the length promised, with nothing that JSON would escape.
    package func write(transactionID: String, text: String, to buffer: inout ByteBuffer) {
        buffer.clear()
        buffer.writeBytes(beforeTransactionID)
        buffer.writeString(transactionID)
        buffer.writeBytes(betweenTransactionIDAndText)
        buffer.writeString(text)
        buffer.writeBytes(afterText)
    }
}

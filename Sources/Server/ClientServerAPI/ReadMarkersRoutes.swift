import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

struct ReadMarkersRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.setReadMarker) { call in
            let body = try call.body()
            var marks: [RoomService.ReadMark] = []
            for type in [RoomService.ReceiptType.fullyRead, .read, .readPrivate] {
                guard let eventID = try body.optionalIdentifier(type.rawValue, EventID.self) else { continue }
                marks.append(RoomService.ReadMark(type: type, eventID: eventID))
            }
            try await rooms.mark(marks, in: call.roomID(), userID: call.userID)
            return .empty
        }
    }
}

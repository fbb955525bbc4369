/** The requests about rooms, as the specification's operations. */
import type { Content, EventID, RoomEvent, RoomID, UserID } from "../domain/events.ts";
import { segment, type MatrixHTTP } from "./http.ts";

const base = "/_matrix/client/v3";

export interface CreateRoom {
    readonly preset: "private_chat" | "public_chat";
    readonly visibility: "private";
    readonly name?: string;
    readonly invite: readonly UserID[];
    readonly is_direct?: boolean;
    readonly power_level_content_override?: Content;
}

export interface MessagesResponse {
    /** Newest first, as we only ever page backwards. */
    readonly chunk: readonly RoomEvent[];
    readonly end?: string;
}

export class RoomsAPI {
    constructor(private readonly http: MatrixHTTP, private readonly ownUserID: UserID) {}

    async createRoom(request: CreateRoom): Promise<RoomID> {
        const answer = await this.http.request<{ room_id: RoomID }>("POST", `${base}/createRoom`, { body: request });
        return answer.room_id;
    }

    async joinRoom(roomIDOrAlias: string, via: readonly string[] = []): Promise<RoomID> {
        const answer = await this.http.request<{ room_id: RoomID }>(
            "POST", `${base}/join/${segment(roomIDOrAlias)}`, { query: { via, server_name: via }, body: {} });
        return answer.room_id;
    }

    async knockRoom(roomIDOrAlias: string, via: readonly string[]): Promise<void> {
        await this.http.request("POST", `${base}/knock/${segment(roomIDOrAlias)}`, {
            query: { via, server_name: via }, body: {},
        });
    }

    async leaveRoom(roomID: RoomID): Promise<void> {
        await this.http.request("POST", `${this.path(roomID)}/leave`, { body: {} });
    }

    async forgetRoom(roomID: RoomID): Promise<void> {
        await this.http.request("POST", `${this.path(roomID)}/forget`, { body: {} });
    }

    async inviteUser(roomID: RoomID, userID: UserID): Promise<void> {
        await this.http.request("POST", `${this.path(roomID)}/invite`, { body: { user_id: userID } });
    }

    async sendMessage(roomID: RoomID, eventType: string, transactionID: string, content: Content): Promise<EventID> {
        const path = `${this.path(roomID)}/send/${segment(eventType)}/${segment(transactionID)}`;
        const answer = await this.http.request<{ event_id: EventID }>("PUT", path, { body: content });
        return answer.event_id;
    }

    async redactEvent(roomID: RoomID, eventID: EventID, transactionID: string): Promise<void> {
        const path = `${this.path(roomID)}/redact/${segment(eventID)}/${segment(transactionID)}`;
        await this.http.request("PUT", path, { body: {} });
    }

    async messagesBefore(roomID: RoomID, from: string, limit: number): Promise<MessagesResponse> {
        return await this.http.request("GET", `${this.path(roomID)}/messages`, { query: { dir: "b", from, limit } });
    }

    async setReadMarkers(roomID: RoomID, eventID: EventID): Promise<void> {
        await this.http.request("POST", `${this.path(roomID)}/read_markers`, {
            body: { "m.fully_read": eventID, "m.read": eventID },
        });
    }

    async setTyping(roomID: RoomID, isTyping: boolean, timeoutMilliseconds: number): Promise<void> {
        const body = isTyping ? { typing: true, timeout: timeoutMilliseconds } : { typing: false };
        await this.http.request("PUT", `${this.path(roomID)}/typing/${segment(this.ownUserID)}`, { body });
    }

    private path(roomID: RoomID): string {
        return `${base}/rooms/${segment(roomID)}`;
    }
}

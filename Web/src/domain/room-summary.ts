/** A room as a line in the list of chats. */
import { isMessage, type UserID } from "./events.ts";
import { bodyOf, bodyOfContent, latestEdits, type BodyKind } from "./message-body.ts";
import type { OutboxEntry } from "./outbox.ts";
import { noticeOf } from "./notices.ts";
import { counterpart, roomFaces, roomName, type RoomName } from "./room-name.ts";
import { joinedMembers, memberName, type Room } from "./room.ts";
import { unreadCount } from "./unread-numbers.ts";

export interface Preview {
    readonly kind: BodyKind;
    readonly text: string;
    /** Null where it is clear who wrote it. */
    readonly senderName: string | null;
    readonly isMine: boolean;
}

export interface RoomSummary {
    readonly id: string;
    readonly membership: Room["membership"];
    readonly name: RoomName;
    readonly faces: readonly UserID[];
    readonly isGroup: boolean;
    readonly memberCount: number;
    readonly preview: Preview | null;
    readonly timestamp: number;
    readonly unreadCount: number;
    /** Who invited us, for an invitation. */
    readonly inviterName: string | null;
}

export function roomSummary(room: Room, ownUserID: UserID, outbox: readonly OutboxEntry[]): RoomSummary {
    const isGroup = counterpart(room, ownUserID) === null;
    const inviter = room.members.get(ownUserID)?.sender ?? null;
    return {
        id: room.id,
        membership: room.membership,
        name: roomName(room, ownUserID),
        faces: roomFaces(room, ownUserID),
        isGroup,
        memberCount: joinedMembers(room).length,
        preview: preview(room, ownUserID, isGroup, outbox),
        timestamp: lastActivity(room, outbox),
        unreadCount: room.membership === "join" ? unreadCount(room, ownUserID) : 0,
        inviterName: room.membership === "invite" && inviter !== null ? memberName(room, inviter) : null,
    };
}

/** Newest first; invitations before all else, since somebody is waiting for an answer. */
export function inListOrder(summaries: readonly RoomSummary[]): RoomSummary[] {
    const rank = (summary: RoomSummary): number => summary.membership === "invite" ? 1 : 0;
    return [...summaries].sort((first, second) =>
        rank(second) - rank(first) || second.timestamp - first.timestamp || (first.id < second.id ? -1 : 1));
}

function preview(
    room: Room, ownUserID: UserID, isGroup: boolean, outbox: readonly OutboxEntry[],
): Preview | null {
    const waiting = outbox.filter((entry) => entry.roomID === room.id).at(-1);
    if (waiting && waiting.status !== "sent") {
        const body = bodyOfContent(waiting.content);
        return { kind: body.kind, text: body.text, senderName: null, isMine: true };
    }
    const event = room.timeline.events.findLast(isMessage);
    if (!event) return null;
    const body = bodyOf(event, latestEdits(room.timeline.events).get(event.event_id));
    const isMine = event.sender === ownUserID;
    const senderName = isGroup && !isMine ? memberName(room, event.sender) : null;
    return { kind: body.kind, text: body.text, senderName, isMine };
}

function lastActivity(room: Room, outbox: readonly OutboxEntry[]): number {
    if (room.membership === "invite") return room.invitedAt;
    const waiting = outbox.filter((entry) => entry.roomID === room.id).at(-1)?.createdAt ?? 0;
    const events = room.timeline.events;
    const event = events.findLast(isMessage) ?? events.findLast((other) => noticeOf(other) !== null) ?? events.at(-1);
    return Math.max(waiting, event?.origin_server_ts ?? 0);
}

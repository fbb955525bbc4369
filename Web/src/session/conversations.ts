/** Beginning, entering and leaving conversations. */
import type { Content, RoomID, UserID } from "../domain/events.ts";
import type { Room } from "../domain/room.ts";
import { isPresent } from "../domain/room.ts";
import { MatrixError } from "../matrix/http.ts";
import type { ProfilesAPI } from "../matrix/profiles.ts";
import type { RoomsAPI } from "../matrix/rooms.ts";
import type { RoomStore } from "./room-store.ts";

export interface NewGroup {
    readonly name: string;
    readonly invitees: readonly UserID[];
    /** Whoever has the link can come in. */
    readonly isByLink: boolean;
}

export type EntryResult =
    | { readonly kind: "entered"; readonly roomID: RoomID }
    /** The members have been asked to let us in. */
    | { readonly kind: "asked" }
    | { readonly kind: "inviteOnly" }
    | { readonly kind: "unknown" };

export class Conversations {
    constructor(
        private readonly store: RoomStore,
        private readonly api: RoomsAPI,
        private readonly profiles: ProfilesAPI,
    ) {}

    /** The conversation of two with this person: the one there is, or a new one. */
    async openDirect(userID: UserID): Promise<RoomID> {
        const existing = this.existingDirect(userID);
        if (existing?.membership === "invite") return await this.acceptInvitation(existing.id);
        if (existing) return existing.id;
        const roomID = await this.api.createRoom({
            preset: "private_chat", visibility: "private", invite: [userID], is_direct: true,
        });
        await this.rememberDirect(userID, roomID);
        return roomID;
    }

    async createGroup(group: NewGroup): Promise<RoomID> {
        return await this.api.createRoom({
            preset: group.isByLink ? "public_chat" : "private_chat",
            visibility: "private",
            ...(group.name === "" ? {} : { name: group.name }),
            invite: group.invitees,
            // Everybody in a group may bring in more people.
            power_level_content_override: { invite: 0 },
        });
    }

    async acceptInvitation(roomID: RoomID): Promise<RoomID> {
        const invitation = this.store.rooms.peek().get(roomID)?.members.get(this.store.ownUserID);
        await this.api.joinRoom(roomID);
        if (invitation?.isDirect === true) await this.rememberDirect(invitation.sender, roomID);
        return roomID;
    }

    async leave(roomID: RoomID): Promise<void> {
        await this.api.leaveRoom(roomID);
        this.store.remove(roomID);
        // Only tidying up: the room is left either way.
        await this.api.forgetRoom(roomID).catch(() => undefined);
    }

    async invite(roomID: RoomID, userID: UserID): Promise<void> {
        await this.api.inviteUser(roomID, userID);
    }

    /** Follows an invite link. */
    async enter(roomIDOrAlias: string, via: readonly string[]): Promise<EntryResult> {
        const known = this.store.rooms.peek().get(roomIDOrAlias);
        if (known?.membership === "join") return { kind: "entered", roomID: known.id };
        if (known?.membership === "invite") {
            return { kind: "entered", roomID: await this.acceptInvitation(known.id) };
        }
        try {
            return { kind: "entered", roomID: await this.api.joinRoom(roomIDOrAlias, via) };
        } catch (error) {
            if (!(error instanceof MatrixError)) throw error;
            if (error.status === 404 || error.status === 400) return { kind: "unknown" };
            if (error.status !== 403) throw error;
        }
        return await this.knock(roomIDOrAlias, via);
    }

    /** Null when there is no such person. */
    async personName(userID: UserID): Promise<string | null> {
        try {
            return await this.profiles.displayName(userID) ?? userID;
        } catch (error) {
            if (error instanceof MatrixError && error.status === 404) return null;
            throw error;
        }
    }

    existingDirect(userID: UserID): Room | undefined {
        const rooms = this.store.rooms.peek();
        const listed = (this.store.directRooms.peek().get(userID) ?? []).map((roomID) => rooms.get(roomID));
        const open = listed.find((room) => {
            const other = room?.members.get(userID);
            return room?.membership === "join" && other !== undefined && isPresent(other);
        });
        return open ?? [...rooms.values()].find((room) => {
            const invitation = room.members.get(this.store.ownUserID);
            return room.membership === "invite" && invitation?.isDirect === true && invitation.sender === userID;
        });
    }

    private async knock(roomIDOrAlias: string, via: readonly string[]): Promise<EntryResult> {
        try {
            await this.api.knockRoom(roomIDOrAlias, via);
            return { kind: "asked" };
        } catch (error) {
            if (error instanceof MatrixError && !error.isTemporary) return { kind: "inviteOnly" };
            throw error;
        }
    }

    private async rememberDirect(userID: UserID, roomID: RoomID): Promise<void> {
        const direct = new Map(this.store.directRooms.peek());
        direct.set(userID, [...new Set([...(direct.get(userID) ?? []), roomID])]);
        this.store.directRooms.value = direct;
        const content: Content = Object.fromEntries(direct);
        await this.profiles.setAccountData("m.direct", content);
    }
}

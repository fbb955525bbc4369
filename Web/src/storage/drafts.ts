/** What was begun in each room and not sent, for as long as the tab is open. */
import type { RoomID } from "../domain/events.ts";

const key = (roomID: RoomID): string => `naru.draft.${roomID}`;

export function loadDraft(roomID: RoomID): string {
    try {
        return sessionStorage.getItem(key(roomID)) ?? "";
    } catch {
        return "";
    }
}

export function saveDraft(roomID: RoomID, text: string): void {
    try {
        if (text === "") sessionStorage.removeItem(key(roomID));
        else sessionStorage.setItem(key(roomID), text);
    } catch {
        // The text is still in the field.
    }
}

/** The next person at this device is not to find them. */
export function deleteDrafts(): void {
    for (const name of Object.keys(sessionStorage)) {
        if (name.startsWith("naru.draft.")) sessionStorage.removeItem(name);
    }
}

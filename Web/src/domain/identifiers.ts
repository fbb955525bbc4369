/** Ids that people type, paste and share. */
import type { UserID } from "./events.ts";

const localpartPattern = /^[a-z0-9._=/+-]+$/;
const userIDPattern = /^@[^:\s]+:[^\s/?#]+$/;

/** What may be chosen as an id; the server has the last word. */
export function isLocalpart(text: string): boolean {
    return localpartPattern.test(text) && text.length <= 200;
}

export function serverNameOf(identifier: string): string {
    const colon = identifier.indexOf(":");
    return colon < 0 ? "" : identifier.slice(colon + 1);
}

/** `minji`, `@minji:example.org` or a link of ours; null when it is none of them. */
export function userIDFrom(input: string, ownServerName: string): UserID | null {
    const text = input.trim();
    const link = linkFrom(text);
    if (link) return link.kind === "user" ? link.userID : null;
    if (userIDPattern.test(text)) return text;
    const name = text.replace(/^@/, "").toLowerCase();
    return isLocalpart(name) ? `@${name}:${ownServerName}` : null;
}

export type Link =
    | { readonly kind: "user"; readonly userID: UserID }
    | { readonly kind: "invite"; readonly room: string; readonly via: readonly string[] };

/** Understands the part of a link of ours after `#`, and whole links that hold one. */
export function linkFrom(text: string): Link | null {
    const match = /#\/(user|invite)\/([^?\s]+)(?:\?(\S*))?$/.exec(text.trim());
    if (!match) return null;
    const identifier = decoded(match[2] ?? "");
    if (match[1] === "user") return userIDPattern.test(identifier) ? { kind: "user", userID: identifier } : null;
    if (!/^[!#]\S+$/.test(identifier)) return null;
    return { kind: "invite", room: identifier, via: new URLSearchParams(match[3] ?? "").getAll("via") };
}

export function userLink(origin: string, userID: UserID): string {
    return `${origin}/#/user/${readable(userID)}`;
}

export function inviteLink(origin: string, roomIDOrAlias: string, via: string): string {
    return `${origin}/#/invite/${readable(roomIDOrAlias)}?via=${encodeURIComponent(via)}`;
}

/** `@`, `!` and `:` may stand in a fragment as they are, and people can read the link then. */
function readable(identifier: string): string {
    return encodeURIComponent(identifier).replaceAll("%40", "@").replaceAll("%3A", ":");
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

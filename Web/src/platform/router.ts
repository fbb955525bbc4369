/** Where in the client we are, as the part of the address after `#`. */
import { linkFrom, type Link } from "../domain/identifiers.ts";
import type { RoomID } from "../domain/events.ts";
import { signal } from "../reactive/signal.ts";

export type Route =
    | { readonly kind: "chats" }
    | { readonly kind: "room"; readonly roomID: RoomID }
    | { readonly kind: "link"; readonly link: Link }
    | { readonly kind: "signUp" }
    | { readonly kind: "signIn" };

export const route = signal<Route>(parse(location.hash), (first, second) =>
    JSON.stringify(first) === JSON.stringify(second));

addEventListener("hashchange", () => {
    route.value = parse(location.hash);
});

export function roomAddress(roomID: RoomID): string {
    return `#/room/${encodeURIComponent(roomID)}`;
}

export function navigate(address: string, options: { replace?: boolean } = {}): void {
    if (options.replace) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    route.value = parse(location.hash);
}

addEventListener("popstate", () => {
    route.value = parse(location.hash);
});

function parse(hash: string): Route {
    const link = linkFrom(hash);
    if (link) return { kind: "link", link };
    if (hash === "#/sign-up") return { kind: "signUp" };
    if (hash === "#/sign-in") return { kind: "signIn" };
    const room = /^#\/room\/(.+)$/.exec(hash)?.[1];
    if (room === undefined) return { kind: "chats" };
    try {
        return { kind: "room", roomID: decodeURIComponent(room) };
    } catch {
        return { kind: "chats" };
    }
}

/** Who is signed in on this device. */
import type { Credentials } from "../matrix/accounts.ts";

const key = "naru.credentials";

export function loadCredentials(): Credentials | null {
    try {
        const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
        return isCredentials(stored) ? stored : null;
    } catch {
        return null;
    }
}

export function saveCredentials(credentials: Credentials): void {
    localStorage.setItem(key, JSON.stringify(credentials));
}

export function deleteCredentials(): void {
    localStorage.removeItem(key);
}

function isCredentials(value: unknown): value is Credentials {
    const fields = value as Partial<Credentials> | null;
    return typeof fields?.userID === "string" && typeof fields.accessToken === "string"
        && typeof fields.deviceID === "string";
}

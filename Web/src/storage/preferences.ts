/** Choices of the person at this device, such as the language. */

export function loadPreference(name: string): string | null {
    try {
        return localStorage.getItem(`naru.preference.${name}`);
    } catch {
        return null;
    }
}

export function savePreference(name: string, value: string): void {
    try {
        localStorage.setItem(`naru.preference.${name}`, value);
    } catch {
        // The choice then holds until the page is closed.
    }
}

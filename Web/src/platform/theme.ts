/** Light, dark, or as the device is set. */
import { effect, signal } from "../reactive/signal.ts";
import { loadPreference, savePreference } from "../storage/preferences.ts";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const stored = loadPreference("theme");

export const theme = signal<Theme>(themes.find((name) => name === stored) ?? "system");

effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
});

export function chooseTheme(name: Theme): void {
    theme.value = name;
    savePreference("theme", name);
}

/** Whether somebody is looking: only then is anything read. */
import { signal } from "../reactive/signal.ts";

const isLooking = (): boolean => document.visibilityState === "visible" && document.hasFocus();

export const hasAttention = signal(isLooking());

const update = (): void => {
    hasAttention.value = isLooking();
};

addEventListener("focus", update);
addEventListener("blur", update);
addEventListener("pageshow", update);
document.addEventListener("visibilitychange", update);

/** The time to the minute, for words such as "yesterday" that go stale. */
import { signal } from "../reactive/signal.ts";

export const currentMinute = signal(Date.now());

setInterval(() => {
    currentMinute.value = Date.now();
}, 60_000);

addEventListener("pageshow", () => {
    currentMinute.value = Date.now();
});

/** Reaching messages without a pointer: the arrows go from one to the next, Enter opens what can be done with it. */
export function messageKeyPressed(event: KeyboardEvent, scroller: HTMLElement): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const bubbles = [...scroller.querySelectorAll<HTMLElement>(".bubble")];
    const current = bubbles.indexOf(document.activeElement as HTMLElement);
    switch (event.key) {
        case "ArrowUp":
            // From the list itself to the newest message.
            focus(bubbles.at(current < 0 ? -1 : Math.max(0, current - 1)), event);
            break;
        case "ArrowDown":
            if (current >= 0) focus(bubbles[Math.min(bubbles.length - 1, current + 1)], event);
            break;
        case "Enter": {
            const bubble = bubbles[current];
            if (!bubble) return;
            event.preventDefault();
            const box = bubble.getBoundingClientRect();
            const place = { clientX: box.left + 12, clientY: box.bottom - 8 };
            bubble.dispatchEvent(new MouseEvent("contextmenu", { ...place, bubbles: true, cancelable: true }));
        }
    }
}

function focus(bubble: HTMLElement | undefined, event: KeyboardEvent): void {
    if (!bubble) return;
    event.preventDefault();
    bubble.focus({ preventScroll: true });
    bubble.scrollIntoView({ block: "nearest" });
}

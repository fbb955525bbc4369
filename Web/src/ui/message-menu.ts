/** What can be done with a message, at the place that was pressed. */
import type { MessageItem } from "../domain/timeline-items.ts";
import { texts } from "../platform/language.ts";
import { element, html } from "../reactive/template.ts";
import type { MessageActions } from "./message-row.ts";

export function openMessageMenu(event: MouseEvent, item: MessageItem, actions: MessageActions): void {
    const { eventID } = item;
    const act = (action: () => void) => (): void => {
        menu.hidePopover();
        action();
    };
    const menu = element(html`<div class="message-menu" popover="auto" role="menu"
            aria-label=${texts().room.messageMenu}>
        <button type="button" role="menuitem" @click=${act(() => actions.copy(item.body))}>${texts().room.copyMessage}</button>
        ${item.isMine && eventID !== null ? html`<button type="button" role="menuitem" class="danger"
            @click=${act(() => actions.redact(eventID))}>${texts().room.deleteMessage}</button>` : null}
    </div>`);
    menu.addEventListener("toggle", (toggle) => {
        if ((toggle as ToggleEvent).newState === "closed") menu.remove();
    });
    document.body.append(menu);
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    const margin = 8;
    menu.style.left = `${Math.max(margin, Math.min(event.clientX, innerWidth - width - margin))}px`;
    menu.style.top = `${Math.max(margin, Math.min(event.clientY, innerHeight - height - margin))}px`;
    menu.querySelector("button")?.focus();
}

/** Our own line icons, drawn on a grid of 24. They are decoration: the button around them has the name. */
import { html } from "../reactive/template.ts";

export const icons = {
    plus: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><path d="M12 5v14M5 12h14"/></svg>`,
    close: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18"/></svg>`,
    back: () => html`<svg class="icon directional" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="m14.5 5-7 7 7 7"/></svg>`,
    menu: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><path d="M4.5 7h15M4.5 12h15M4.5 17h15"/></svg>`,
    search: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><circle cx="11" cy="11" r="6.5"/><path d="m16 16 4 4"/></svg>`,
    settings: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><path d="M4 7.5h8M18.5 7.5H20M4 16.5h1.5M12 16.5h8"/><circle cx="15.2" cy="7.5" r="2.7"/><circle cx="8.8" cy="16.5" r="2.7"/></svg>`,
    chat: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" aria-hidden="true"><path d="M12 4c4.7 0 8.5 3.1 8.5 7s-3.8 7-8.5 7c-.8 0-1.6-.1-2.3-.25L5.5 20l.6-3.6C4.5 15 3.5 13.1 3.5 11c0-3.9 3.8-7 8.5-7Z"/></svg>`,
    newChat: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M12 4c4.7 0 8.5 3.1 8.5 7s-3.8 7-8.5 7c-.8 0-1.6-.1-2.3-.25L5.5 20l.6-3.6C4.5 15 3.5 13.1 3.5 11c0-3.9 3.8-7 8.5-7Z"/><path d="M12 8.2v5.6M9.2 11h5.6"/></svg>`,
    send: () => html`<svg class="icon directional" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"><path d="M4.3 4.7c-.3-.9.6-1.7 1.4-1.3l14.5 7.4c1 .5 1 1.9 0 2.4L5.7 20.6c-.8.4-1.7-.4-1.4-1.3L6.3 13l7.2-1-7.2-1-2-6.3Z"/></svg>`,
    down: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M12 5v14M6 13l6 6 6-6"/></svg>`,
    retry: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M19 12a7 7 0 1 1-2.2-5.1"/><path d="M19.5 3.5v4.2h-4.2"/></svg>`,
    link: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M10 13.5a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1"/><path d="M14 10.5a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1"/></svg>`,
    people: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="9" cy="8.5" r="3.5"/><path d="M2.8 19c.6-3.3 3.1-5.2 6.2-5.2s5.6 1.9 6.2 5.2"/><path d="M15.5 5.3a3.4 3.4 0 0 1 0 6.4M17.8 14.3c1.9.8 3.1 2.4 3.5 4.7"/></svg>`,
    person: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><circle cx="12" cy="8.2" r="3.8"/><path d="M4.8 20c.7-3.7 3.6-5.8 7.2-5.8s6.5 2.1 7.2 5.8"/></svg>`,
    leave: () => html`<svg class="icon directional" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M10 4.5H6.5a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2H10M15 8l4 4-4 4M19 12H9.5"/></svg>`,
    eye: () => html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" aria-hidden="true"><path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/><circle cx="12" cy="12" r="3"/></svg>`,
};

/** The ferry with a small sail: our sign. */
export function emblem(): DocumentFragment {
    return html`<svg class="emblem" viewBox="0 0 96 96" aria-hidden="true">
        <rect class="emblem-ground" width="96" height="96" rx="26"/>
        <circle class="emblem-sun" cx="66" cy="30" r="9"/>
        <path class="emblem-sail" d="M45 19c1-1.5 3-.9 3 .9V54H27.5c-1.6 0-2.5-1.8-1.6-3.1Z"/>
        <path class="emblem-sail-small" d="M53 33.5c0-1.5 1.9-2.2 2.8-1L69 51.2c.9 1.2 0 2.8-1.4 2.8H53Z"/>
        <path class="emblem-hull" d="M20 59.5h56c1.5 0 2.4 1.6 1.6 2.9-4 6.3-9.6 9.8-16.8 9.8H35.2c-7.2 0-12.8-3.5-16.8-9.8-.8-1.3.1-2.9 1.6-2.9Z"/>
        <path class="emblem-wave" d="M20 79c4.7 0 4.7 3 9.3 3s4.7-3 9.4-3 4.6 3 9.3 3 4.7-3 9.3-3 4.7 3 9.4 3 4.6-3 9.3-3" fill="none" stroke-width="3.5" stroke-linecap="round"/>
    </svg>`;
}

/** Says that the connection is lost, once it really is, and offers not to wait. */
import { texts } from "../platform/language.ts";
import { html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";

export function connectionBanner(session: Session): DocumentFragment {
    return html`<div role="status" class="banner-place">${() => session.connection.value.kind === "lost"
        ? html`<div class="banner">
            <span>${() => texts().connection.lost}</span>
            <button type="button" class="button" @click=${session.retryNow}>${() => texts().connection.retry}</button>
        </div>`
        : null}</div>`;
}

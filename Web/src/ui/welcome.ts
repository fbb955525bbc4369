/** The first thing that somebody without an account sees. */
import "./welcome.css";
import { Component } from "../reactive/component.ts";
import { html } from "../reactive/template.ts";
import { texts } from "../platform/language.ts";
import { emblem } from "./icons.ts";
import { languagePicker } from "./language-picker.ts";

export class WelcomeView extends Component {
    /** An invite link brought the person here. */
    isInvited = false;
    onSignUp!: () => void;
    onSignIn!: () => void;

    protected override render(): DocumentFragment {
        return html`<div class="entrance">
            <main class="entrance-card welcome-card">
                ${emblem()}
                <h1>${() => texts().welcome.title}</h1>
                <p class="tagline">${() => this.isInvited ? texts().welcome.invited : texts().welcome.tagline}</p>
                <div class="welcome-actions">
                    <button type="button" class="button primary wide" @click=${() => this.onSignUp()}>
                        ${() => texts().welcome.start}</button>
                    <button type="button" class="button wide" @click=${() => this.onSignIn()}>
                        ${() => texts().welcome.signIn}</button>
                </div>
                <p class="footnote">${() => texts().welcome.noPhoneNumber}</p>
            </main>
            ${languagePicker()}
        </div>`;
    }
}

customElements.define("naru-welcome", WelcomeView);

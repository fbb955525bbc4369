/** The whole client: before signing in, or with a session. */
import { MatrixHTTP } from "../matrix/http.ts";
import type { Credentials } from "../matrix/accounts.ts";
import { navigate, route } from "../platform/router.ts";
import { Component } from "../reactive/component.ts";
import { signal } from "../reactive/signal.ts";
import { choice, html } from "../reactive/template.ts";
import { Session } from "../session/session.ts";
import { deleteCredentials, loadCredentials, saveCredentials } from "../storage/credentials.ts";
import { deleteDrafts } from "../storage/drafts.ts";
import { closeDialogs } from "./dialog.ts";
import "./shell.ts";
import "./sign-in.ts";
import "./sign-up.ts";
import "./welcome.ts";

type Screen = "welcome" | "signUp" | "signIn";

export class App extends Component {
    private readonly origin = location.origin;
    private readonly http = new MatrixHTTP(this.origin, null);
    private readonly session = signal<Session | null>(null);
    private readonly screen = signal<Screen>(screenOfRoute());
    private hasEnded = false;

    protected override render(): DocumentFragment {
        const stored = loadCredentials();
        if (stored) this.begin(stored);
        // In another tab somebody signed in or out.
        addEventListener("storage", (event) => {
            if (event.key !== "naru.credentials") return;
            location.reload();
        });
        return html`${choice(() => this.session.value, (session) => session
            ? html`<naru-shell .session=${session} .onSignOut=${() => void session.signOut()}></naru-shell>`
            : choice(() => this.screen.value, (screen) => this.entrance(screen)))}`;
    }

    private entrance(screen: Screen): DocumentFragment {
        const show = (next: Screen) => (): void => {
            this.hasEnded = false;
            this.screen.value = next;
        };
        const enter = (credentials: Credentials): void => {
            saveCredentials(credentials);
            this.begin(credentials);
        };
        switch (screen) {
            case "welcome":
                return html`<naru-welcome .isInvited=${route.peek().kind === "link"}
                    .onSignUp=${show("signUp")} .onSignIn=${show("signIn")}></naru-welcome>`;
            case "signUp":
                return html`<naru-sign-up .http=${this.http} .onSignedIn=${enter}
                    .onBack=${show("welcome")} .onSignIn=${show("signIn")}></naru-sign-up>`;
            case "signIn":
                return html`<naru-sign-in .http=${this.http} .onSignedIn=${enter} .isAfterEnd=${this.hasEnded}
                    .onBack=${show("welcome")} .onSignUp=${show("signUp")}></naru-sign-in>`;
        }
    }

    private begin(credentials: Credentials): void {
        const isEntranceRoute = route.peek().kind === "signUp" || route.peek().kind === "signIn";
        if (isEntranceRoute) navigate("#/", { replace: true });
        const session = new Session(credentials, this.origin, (reason) => {
            closeDialogs();
            deleteCredentials();
            deleteDrafts();
            this.hasEnded = reason === "byServer";
            this.screen.value = reason === "byServer" ? "signIn" : "welcome";
            this.session.value = null;
            navigate("#/", { replace: true });
        });
        this.session.value = session;
        void session.start();
    }
}

function screenOfRoute(): Screen {
    const kind = route.peek().kind;
    return kind === "signUp" || kind === "signIn" ? kind : "welcome";
}

customElements.define("naru-app", App);

/** Signs in with an id and a password. */
import { signIn, type Credentials } from "../matrix/accounts.ts";
import { MatrixError, type MatrixHTTP } from "../matrix/http.ts";
import { texts } from "../platform/language.ts";
import { Component } from "../reactive/component.ts";
import { signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import { accountCard, passwordField } from "./account-card.ts";
import { errorText } from "./error-text.ts";
import { field } from "./field.ts";

export class SignInView extends Component {
    http!: MatrixHTTP;
    /** The session that was here has been ended elsewhere. */
    isAfterEnd = false;
    onSignedIn!: (credentials: Credentials) => void;
    onBack!: () => void;
    onSignUp!: () => void;

    private readonly username = signal("");
    private readonly password = signal("");
    private readonly wasSubmitted = signal(false);
    private readonly isBusy = signal(false);
    private readonly error = signal<(() => string) | null>(null);

    protected override render(): DocumentFragment {
        if (this.isAfterEnd) this.error.value = () => texts().account.sessionEnded;
        return accountCard({
            title: () => texts().account.signInTitle,
            submit: () => texts().account.signIn,
            error: () => this.error.value?.() ?? null,
            isBusy: () => this.isBusy.value,
            onSubmit: () => void this.submit(),
            onBack: () => this.onBack(),
            switchText: () => texts().account.newHere,
            switchLabel: () => texts().account.signUp,
            onSwitch: () => this.onSignUp(),
            fields: html`
                ${field({
                    name: "username",
                    label: () => texts().account.username,
                    error: () => this.wasSubmitted.value && this.username.value.trim() === ""
                        ? texts().errors.usernameMissing : null,
                    value: this.username,
                    autocomplete: "username",
                    isAutofocused: true,
                })}
                ${passwordField({
                    value: this.password,
                    autocomplete: "current-password",
                    error: () => this.wasSubmitted.value && this.password.value === ""
                        ? texts().errors.passwordMissing : null,
                })}`,
        });
    }

    private async submit(): Promise<void> {
        this.wasSubmitted.value = true;
        const user = this.username.peek().trim();
        const password = this.password.peek();
        if (user === "" || password === "" || this.isBusy.peek()) return;
        this.isBusy.value = true;
        this.error.value = null;
        try {
            this.onSignedIn(await signIn(this.http, user, password));
        } catch (error) {
            const isWrong = error instanceof MatrixError && (error.code === "M_FORBIDDEN" || error.status === 401);
            this.error.value = () => isWrong ? texts().errors.wrongCredentials : errorText(error);
        } finally {
            this.isBusy.value = false;
        }
    }
}

customElements.define("naru-sign-in", SignInView);

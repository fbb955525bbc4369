/** Creates an account: an id and a password, and a code only where the server asks for one. */
import { isLocalpart } from "../domain/identifiers.ts";
import { isUsernameAvailable, signUp, signUpRequirements, type Credentials } from "../matrix/accounts.ts";
import { MatrixError, type MatrixHTTP } from "../matrix/http.ts";
import { texts } from "../platform/language.ts";
import { Component } from "../reactive/component.ts";
import { effect, onCleanup, signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import { accountCard, passwordField } from "./account-card.ts";
import { errorText } from "./error-text.ts";
import { field } from "./field.ts";

type Availability = "unknown" | "checking" | "available" | "taken" | "reserved" | "invalid";

const shortestPassword = 8;
const checkPauseMilliseconds = 350;

export class SignUpView extends Component {
    http!: MatrixHTTP;
    onSignedIn!: (credentials: Credentials) => void;
    onBack!: () => void;
    onSignIn!: () => void;

    private readonly username = signal("");
    private readonly password = signal("");
    private readonly token = signal("");
    private readonly needsToken = signal(false);
    private readonly availability = signal<Availability>("unknown");
    private readonly wasSubmitted = signal(false);
    private readonly isBusy = signal(false);
    private readonly error = signal<(() => string) | null>(null);

    protected override render(): DocumentFragment {
        this.watchUsername();
        void this.askRequirements();
        return accountCard({
            title: () => texts().account.signUpTitle,
            submit: () => texts().account.signUp,
            error: () => this.error.value?.() ?? null,
            isBusy: () => this.isBusy.value,
            onSubmit: () => void this.submit(),
            onBack: () => this.onBack(),
            switchText: () => texts().account.haveAccount,
            switchLabel: () => texts().account.signIn,
            onSwitch: () => this.onSignIn(),
            fields: html`
                ${field({
                    name: "username",
                    label: () => texts().account.username,
                    hint: () => this.availability.value === "checking"
                        ? texts().account.usernameChecking : texts().account.usernameHint,
                    praise: () => this.availability.value === "available" ? texts().account.usernameAvailable : null,
                    error: () => this.usernameError(),
                    value: this.username,
                    autocomplete: "username",
                    isAutofocused: true,
                })}
                ${passwordField({
                    value: this.password,
                    autocomplete: "new-password",
                    hint: () => texts().account.passwordHint,
                    error: () => this.passwordError(),
                })}
                ${() => this.needsToken.value ? field({
                    name: "registration-token",
                    label: () => texts().account.registrationToken,
                    hint: () => texts().account.registrationTokenHint,
                    error: () => this.wasSubmitted.value && this.token.value.trim() === ""
                        ? texts().errors.tokenMissing : null,
                    value: this.token,
                }) : null}`,
        });
    }

    private usernameError(): string | null {
        const errors = texts().errors;
        switch (this.availability.value) {
            case "taken": return errors.usernameTaken;
            case "reserved": return errors.usernameReserved;
            case "invalid": return errors.usernameInvalid;
            default: return this.wasSubmitted.value && this.username.value === "" ? errors.usernameMissing : null;
        }
    }

    private passwordError(): string | null {
        if (!this.wasSubmitted.value) return null;
        const password = this.password.value;
        if (password === "") return texts().errors.passwordMissing;
        return [...password].length < shortestPassword ? texts().errors.passwordShort : null;
    }

    /** Asks the server while the person goes on typing, but not for every letter. */
    private watchUsername(): void {
        let timer: ReturnType<typeof setTimeout> | undefined;
        onCleanup(() => clearTimeout(timer));
        effect(() => {
            const username = this.username.value;
            clearTimeout(timer);
            this.error.value = null;
            if (username === "") this.availability.value = "unknown";
            else if (!isLocalpart(username)) this.availability.value = "invalid";
            else {
                this.availability.value = "checking";
                timer = setTimeout(() => void this.checkAvailability(username), checkPauseMilliseconds);
            }
        });
    }

    private async checkAvailability(username: string): Promise<void> {
        let found: Availability = "unknown";
        try {
            found = await isUsernameAvailable(this.http, username) ? "available" : "taken";
        } catch (error) {
            if (error instanceof MatrixError) {
                if (error.code === "M_USER_IN_USE") found = "taken";
                if (error.code === "M_EXCLUSIVE") found = "reserved";
                if (error.code === "M_INVALID_USERNAME") found = "invalid";
            }
        }
        // An answer that comes after signing up would call one's own id taken.
        if (this.username.peek() === username && !this.isBusy.peek() && this.isConnected) this.availability.value = found;
    }

    private async askRequirements(): Promise<void> {
        try {
            this.needsToken.value = (await signUpRequirements(this.http)).needsRegistrationToken;
        } catch (error) {
            this.error.value = () => signUpErrorText(error);
        }
    }

    private async submit(): Promise<void> {
        this.wasSubmitted.value = true;
        const isTokenMissing = this.needsToken.peek() && this.token.peek().trim() === "";
        const isComplete = this.username.peek() !== "" && this.usernameError() === null && this.passwordError() === null;
        if (!isComplete || isTokenMissing || this.isBusy.peek()) {
            this.querySelector<HTMLElement>("[aria-invalid]")?.focus();
            return;
        }
        this.isBusy.value = true;
        this.error.value = null;
        try {
            this.onSignedIn(await signUp(this.http, {
                username: this.username.peek(),
                password: this.password.peek(),
                registrationToken: this.needsToken.peek() ? this.token.peek().trim() : null,
            }));
        } catch (error) {
            const isTaken = error instanceof MatrixError && error.code === "M_USER_IN_USE";
            if (isTaken) this.availability.value = "taken";
            else this.error.value = () => signUpErrorText(error);
        } finally {
            this.isBusy.value = false;
        }
    }
}

function signUpErrorText(error: unknown): string {
    if (error instanceof MatrixError && error.status === 403 && error.code === "M_FORBIDDEN") {
        return texts().errors.signUpClosed;
    }
    // The flows come back with an error when a stage was not passed; only the code can be wrong.
    if (error instanceof MatrixError && error.status === 401) return texts().errors.tokenInvalid;
    return errorText(error);
}

customElements.define("naru-sign-up", SignUpView);

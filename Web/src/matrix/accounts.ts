/** Signing up, signing in and signing out. */
import type { UserID } from "../domain/events.ts";
import { MatrixError, type MatrixHTTP } from "./http.ts";

export interface Credentials {
    readonly userID: UserID;
    readonly accessToken: string;
    readonly deviceID: string;
}

export interface SignUpRequirements {
    readonly needsRegistrationToken: boolean;
}

interface Challenge {
    readonly session: string;
    readonly flows: readonly (readonly string[])[];
    readonly completed: readonly string[];
}

interface LoginResponse {
    readonly user_id: string;
    readonly access_token: string;
    readonly device_id: string;
}

const dummyStage = "m.login.dummy";
const tokenStage = "m.login.registration_token";
const deviceName = "Naru Web";

/** Which of the stages that we know the server insists on. Throws `M_FORBIDDEN` when sign-up is closed. */
export async function signUpRequirements(http: MatrixHTTP): Promise<SignUpRequirements> {
    try {
        await http.request("POST", "/_matrix/client/v3/register", { body: {} });
    } catch (error) {
        const challenge = challengeIn(error);
        if (!challenge) throw error;
        return { needsRegistrationToken: supportedFlow(challenge).includes(tokenStage) };
    }
    return { needsRegistrationToken: false };
}

export async function isUsernameAvailable(http: MatrixHTTP, username: string): Promise<boolean> {
    const answer = await http.request<{ available?: boolean }>(
        "GET", "/_matrix/client/v3/register/available", { query: { username } });
    return answer.available !== false;
}

export interface SignUp {
    readonly username: string;
    readonly password: string;
    readonly registrationToken: string | null;
}

export async function signUp(http: MatrixHTTP, request: SignUp): Promise<Credentials> {
    const details = {
        username: request.username,
        password: request.password,
        initial_device_display_name: deviceName,
    };
    let auth: Readonly<Record<string, unknown>> | undefined;
    // One answer for each stage, and one more for the question.
    for (let step = 0; step < 4; step += 1) {
        try {
            const body = auth ? { ...details, auth } : details;
            return credentials(await http.request<LoginResponse>("POST", "/_matrix/client/v3/register", { body }));
        } catch (error) {
            const challenge = challengeIn(error);
            // An error code beside the flows says that the stage just tried was not passed.
            if (!challenge || (error as MatrixError).body["errcode"] !== undefined && auth) throw error;
            const stage = supportedFlow(challenge).find((name) => !challenge.completed.includes(name));
            if (stage === undefined) throw error;
            auth = stage === tokenStage
                ? { type: stage, session: challenge.session, token: request.registrationToken ?? "" }
                : { type: stage, session: challenge.session };
        }
    }
    throw new MatrixError(401, "M_UNKNOWN", "registration did not end", null, {});
}

export async function signIn(http: MatrixHTTP, user: string, password: string): Promise<Credentials> {
    return credentials(await http.request<LoginResponse>("POST", "/_matrix/client/v3/login", {
        body: {
            type: "m.login.password",
            identifier: { type: "m.id.user", user },
            password,
            initial_device_display_name: deviceName,
        },
    }));
}

export async function signOut(http: MatrixHTTP): Promise<void> {
    await http.request("POST", "/_matrix/client/v3/logout", { body: {} });
}

function credentials(response: LoginResponse): Credentials {
    return { userID: response.user_id, accessToken: response.access_token, deviceID: response.device_id };
}

/** A flow that we can go all the way, rather one without a token. */
function supportedFlow(challenge: Challenge): readonly string[] {
    const possible = challenge.flows.filter((stages) =>
        stages.every((stage) => stage === dummyStage || stage === tokenStage));
    const flow = possible.find((stages) => !stages.includes(tokenStage)) ?? possible[0];
    if (!flow) throw new MatrixError(403, "NARU_UNSUPPORTED_FLOW", "no flow that this client can go", null, {});
    return flow;
}

function challengeIn(error: unknown): Challenge | null {
    if (!(error instanceof MatrixError) || error.status !== 401) return null;
    const { session, flows, completed } = error.body;
    if (typeof session !== "string" || !Array.isArray(flows)) return null;
    return {
        session,
        flows: flows.map((flow: { stages?: string[] }) => flow.stages ?? []),
        completed: Array.isArray(completed) ? completed.filter((name) => typeof name === "string") : [],
    };
}

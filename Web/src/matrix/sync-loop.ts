/** Asks the server for what is new, for as long as the session lasts. */
import type { BasicEvent, RoomID } from "../domain/events.ts";
import type { InvitedRoomUpdate, JoinedRoomUpdate } from "../domain/sync-update.ts";
import { MatrixError, type MatrixHTTP } from "./http.ts";

export interface SyncResponse {
    readonly next_batch: string;
    readonly account_data?: { readonly events?: readonly BasicEvent[] };
    readonly rooms?: {
        readonly join?: Readonly<Record<RoomID, JoinedRoomUpdate>>;
        readonly invite?: Readonly<Record<RoomID, InvitedRoomUpdate>>;
        readonly leave?: Readonly<Record<RoomID, unknown>>;
    };
}

export type Connection =
    | { readonly kind: "connecting" }
    | { readonly kind: "live" }
    | { readonly kind: "lost"; readonly retryAt: number };

export interface SyncListener {
    received(response: SyncResponse, isInitial: boolean): void;
    connectionChanged(connection: Connection): void;
    /** The access token is no longer good. */
    signedOut(): void;
    /** The server does not know our position any more: what was kept has to be dropped. */
    positionLost(): void;
}

const longPollMilliseconds = 30_000;
/** How much longer than asked for an answer may take before the connection counts as lost. */
const graceMilliseconds = 15_000;
const longestPauseMilliseconds = 30_000;

/** All members come with the first sync: the unread numbers need every one of them. */
const filter = JSON.stringify({
    presence: { types: [] },
    room: { timeline: { limit: 40 }, state: { lazy_load_members: false } },
});

export class SyncLoop {
    private readonly stopped = new AbortController();
    private failures = 0;
    private wake: (() => void) | null = null;

    constructor(
        private readonly http: MatrixHTTP,
        private readonly listener: SyncListener,
        private since: string | null,
        private readonly now: () => number = () => Date.now(),
        private readonly random: () => number = () => Math.random(),
    ) {}

    stop(): void {
        this.stopped.abort();
        this.wake?.();
    }

    /** Tries again at once when it is waiting to. */
    retryNow(): void {
        this.failures = Math.min(this.failures, 1);
        this.wake?.();
    }

    async run(): Promise<void> {
        this.listener.connectionChanged({ kind: "connecting" });
        // After a pause the first answer is wanted at once, even if there is nothing new: it says that we are back.
        let wantsAnswerAtOnce = true;
        while (!this.stopped.signal.aborted) {
            try {
                const response = await this.poll(wantsAnswerAtOnce ? 0 : longPollMilliseconds);
                const isInitial = this.since === null;
                this.since = response.next_batch;
                this.failures = 0;
                wantsAnswerAtOnce = false;
                this.listener.received(response, isInitial);
                this.listener.connectionChanged({ kind: "live" });
            } catch (error) {
                if (this.stopped.signal.aborted) return;
                wantsAnswerAtOnce = true;
                await this.recover(error);
            }
        }
    }

    private async poll(timeout: number): Promise<SyncResponse> {
        return await this.http.request<SyncResponse>("GET", "/_matrix/client/v3/sync", {
            query: { filter, timeout, ...(this.since === null ? {} : { since: this.since }) },
            // The first sync of a large account takes its time.
            timeoutMilliseconds: this.since === null ? 120_000 : timeout + graceMilliseconds,
            signal: this.stopped.signal,
        });
    }

    private async recover(error: unknown): Promise<void> {
        if (error instanceof MatrixError && error.status === 401) {
            this.stop();
            this.listener.signedOut();
            return;
        }
        if (error instanceof MatrixError && error.status === 400 && this.since !== null) {
            this.since = null;
            this.listener.positionLost();
            return;
        }
        this.failures += 1;
        const retryAfter = error instanceof MatrixError ? error.retryAfterMilliseconds ?? 0 : 0;
        const backOff = Math.min(longestPauseMilliseconds, 1000 * 2 ** (this.failures - 1));
        // Spread out, so that all clients do not come back in the same moment.
        const pause = Math.max(retryAfter, backOff * (0.75 + this.random() / 2));
        this.listener.connectionChanged({ kind: "lost", retryAt: this.now() + pause });
        await this.pause(pause);
    }

    private async pause(milliseconds: number): Promise<void> {
        await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, milliseconds);
            this.wake = () => {
                clearTimeout(timer);
                resolve();
            };
        });
        this.wake = null;
    }
}

/** Names of people, and what a person keeps on the server for their own clients. */
import type { Content, UserID } from "../domain/events.ts";
import { segment, type MatrixHTTP } from "./http.ts";

const base = "/_matrix/client/v3";

export class ProfilesAPI {
    constructor(private readonly http: MatrixHTTP, private readonly ownUserID: UserID) {}

    /** Throws `M_NOT_FOUND` when there is no such person. */
    async displayName(userID: UserID): Promise<string | null> {
        const answer = await this.http.request<{ displayname?: string | null }>(
            "GET", `${base}/profile/${segment(userID)}`);
        return answer.displayname ?? null;
    }

    async setDisplayName(name: string): Promise<void> {
        await this.http.request("PUT", `${base}/profile/${segment(this.ownUserID)}/displayname`, {
            body: { displayname: name },
        });
    }

    async setAccountData(type: string, content: Content): Promise<void> {
        await this.http.request("PUT", `${base}/user/${segment(this.ownUserID)}/account_data/${segment(type)}`, {
            body: content,
        });
    }
}

import type { JSONObject, OutgoingRequest } from "../../../Web/src/core/machine.ts";

type Keys = Record<string, unknown>;

/** As much of a homeserver as machines need to talk to each other: it stores, forwards and checks nothing. */
export class TinyServer {
    readonly #deviceKeys = new Map<string, Map<string, Keys>>();
    readonly #oneTimeKeys = new Map<string, [string, unknown][]>();
    readonly #crossSigning: Record<"master_keys" | "self_signing_keys" | "user_signing_keys", Record<string, Keys>> = {
        master_keys: {}, self_signing_keys: {}, user_signing_keys: {},
    };
    readonly #toDevice = new Map<string, JSONObject[]>();
    readonly #changed = new Map<string, Set<string>>();
    readonly accountData = new Map<string, Record<string, JSONObject>>();

    /** What the next sync of a device says. */
    sync(user: string, device: string): {
        toDevice: JSONObject[]; changedDeviceLists: string[]; oneTimeKeyCounts: Record<string, number>;
        unusedFallbackKeyTypes: string[];
    } {
        const name = `${user} ${device}`;
        const toDevice = this.#toDevice.get(name) ?? [];
        const changed = this.#changed.get(name) ?? new Set();
        this.#toDevice.set(name, []);
        this.#changed.set(name, new Set());
        return {
            toDevice, changedDeviceLists: [...changed],
            oneTimeKeyCounts: { signed_curve25519: (this.#oneTimeKeys.get(name) ?? []).length },
            unusedFallbackKeyTypes: ["signed_curve25519"],
        };
    }

    answer(user: string, device: string, request: OutgoingRequest): { status: number; body: string } {
        const body = (request.body === "" ? {} : JSON.parse(request.body)) as Record<string, never>;
        const [, , , , ...path] = request.path.split("?")[0]?.split("/").map(decodeURIComponent) ?? [];
        const answer = this.#act(user, device, path, body);
        return answer === null ? { status: 404, body: '{"errcode":"M_NOT_FOUND","error":"nothing here"}' }
            : { status: 200, body: JSON.stringify(answer) };
    }

    #act(user: string, device: string, path: string[], body: Record<string, never>): object | null {
        switch (path.slice(0, 2).join("/")) {
            case "keys/upload": return this.#upload(user, device, body);
            case "keys/query": return this.#query(user, Object.keys(body["device_keys"] ?? {}));
            case "keys/claim": return this.#claim(body["one_time_keys"] ?? {});
            case "keys/device_signing": return this.#uploadIdentity(user, body);
            case "keys/signatures": return this.#uploadSignatures(body);
        }
        if (path[0] === "sendToDevice") return this.#send(user, path[1] ?? "", body["messages"] ?? {});
        if (path[0] === "user" && path[2] === "account_data") {
            this.accountData.set(user, { ...this.accountData.get(user), [path[3] ?? ""]: body });
            return {};
        }
        return null;
    }

    #tell(user: string): void {
        for (const [other, devices] of this.#deviceKeys) {
            for (const device of devices.keys()) {
                const name = `${other} ${device}`;
                this.#changed.set(name, (this.#changed.get(name) ?? new Set()).add(user));
            }
        }
    }

    #upload(user: string, device: string, body: Record<string, never>): object {
        const name = `${user} ${device}`;
        if (body["device_keys"] !== undefined) {
            const devices = this.#deviceKeys.get(user) ?? new Map<string, Keys>();
            this.#deviceKeys.set(user, devices.set(device, body["device_keys"]));
            this.#tell(user);
        }
        const keys = [...this.#oneTimeKeys.get(name) ?? [], ...Object.entries(body["one_time_keys"] ?? {})];
        this.#oneTimeKeys.set(name, keys);
        return { one_time_key_counts: { signed_curve25519: keys.length } };
    }

    #query(asker: string, users: string[]): object {
        const only = (keys: Record<string, Keys>): object => Object.fromEntries(
            Object.entries(keys).filter(([user]) => users.includes(user)));
        return {
            device_keys: Object.fromEntries(users.map((user) => [user, Object.fromEntries(this.#deviceKeys.get(user) ?? [])])),
            failures: {},
            master_keys: only(this.#crossSigning.master_keys),
            self_signing_keys: only(this.#crossSigning.self_signing_keys),
            user_signing_keys: users.includes(asker) && this.#crossSigning.user_signing_keys[asker] !== undefined
                ? { [asker]: this.#crossSigning.user_signing_keys[asker] } : {},
        };
    }

    #claim(wanted: Record<string, Record<string, string>>): object {
        return {
            failures: {},
            one_time_keys: Object.fromEntries(Object.entries(wanted).map(([user, devices]) => [
                user,
                Object.fromEntries(Object.keys(devices).flatMap((device) => {
                    const key = this.#oneTimeKeys.get(`${user} ${device}`)?.shift();
                    return key === undefined ? [] : [[device, Object.fromEntries([key])]];
                })),
            ])),
        };
    }

    #send(sender: string, type: string, messages: Record<string, Record<string, JSONObject>>): object {
        for (const [user, devices] of Object.entries(messages)) {
            for (const [device, content] of Object.entries(devices)) {
                const receivers = device === "*" ? [...this.#deviceKeys.get(user)?.keys() ?? []] : [device];
                for (const receiver of receivers) {
                    const name = `${user} ${receiver}`;
                    this.#toDevice.set(name, [...this.#toDevice.get(name) ?? [], { sender, type, content }]);
                }
            }
        }
        return {};
    }

    #uploadIdentity(user: string, body: Record<string, never>): object {
        for (const kind of ["master", "self_signing", "user_signing"] as const) {
            const key = body[`${kind}_key`];
            if (key !== undefined) this.#crossSigning[`${kind}_keys`][user] = key;
        }
        this.#tell(user);
        return {};
    }

    /** Adds the signatures to whatever they are of. */
    #uploadSignatures(body: Record<string, Record<string, { signatures?: Record<string, object> }>>): object {
        for (const [user, signed] of Object.entries(body)) {
            for (const [id, object] of Object.entries(signed)) {
                const master = this.#crossSigning.master_keys[user];
                const target = this.#deviceKeys.get(user)?.get(id)
                    ?? (master !== undefined && `ed25519:${id}` in (master["keys"] as object) ? master : undefined);
                if (target === undefined) continue;
                const all = (target["signatures"] ?? {}) as Record<string, object>;
                for (const [signer, signatures] of Object.entries(object.signatures ?? {})) {
                    all[signer] = { ...all[signer], ...signatures };
                }
                target["signatures"] = all;
            }
            this.#tell(user);
        }
        return { failures: {} };
    }
}

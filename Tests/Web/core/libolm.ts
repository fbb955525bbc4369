/** What libolm's JavaScript build (Debian's libjs-olm, in the page as `olm.js`) offers, as far as the tests need it. */
export interface Libolm {
    init(options: { locateFile(): string }): Promise<void>;
    readonly OutboundGroupSession: new () => LibolmGroupSender;
    readonly InboundGroupSession: new () => LibolmGroupReceiver;
    readonly Account: new () => LibolmAccount;
    readonly Session: new () => LibolmSession;
    readonly SAS: new () => LibolmSAS;
}

export interface LibolmGroupSender {
    create(): void;
    session_id(): string;
    session_key(): string;
    encrypt(text: string): string;
}

export interface LibolmGroupReceiver {
    create(key: string): string;
    import_session(key: string): string;
    decrypt(message: string): { plaintext: string; message_index: number };
    export_session(index: number): string;
}

export interface LibolmAccount {
    create(): void;
    identity_keys(): string;
    sign(message: string): string;
    generate_one_time_keys(count: number): void;
    one_time_keys(): string;
    mark_keys_as_published(): void;
    remove_one_time_keys(session: LibolmSession): void;
}

export interface LibolmSession {
    create_outbound(account: LibolmAccount, identityKey: string, oneTimeKey: string): void;
    create_inbound_from(account: LibolmAccount, identityKey: string, body: string): void;
    session_id(): string;
    encrypt(text: string): { type: number; body: string };
    decrypt(type: number, body: string): string;
    free(): void;
}

export interface LibolmSAS {
    get_pubkey(): string;
    set_their_key(key: string): void;
    generate_bytes(info: string, count: number): Uint8Array;
    calculate_mac_fixed_base64(text: string, info: string): string;
}

export async function libolm(): Promise<Libolm> {
    const library = (globalThis as unknown as { Olm: Libolm }).Olm;
    await library.init({ locateFile: () => "olm.wasm" });
    return library;
}

export function curve25519Key(account: LibolmAccount): string {
    return (JSON.parse(account.identity_keys()) as { curve25519: string }).curve25519;
}

/** A one-time key that nobody has used yet. */
export function newOneTimeKey(account: LibolmAccount): string {
    account.generate_one_time_keys(1);
    const { curve25519 } = JSON.parse(account.one_time_keys()) as { curve25519: Record<string, string> };
    account.mark_keys_as_published();
    return Object.values(curve25519)[0] ?? "";
}

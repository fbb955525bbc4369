/** One request to the server, and what can go wrong with it. */

export class MatrixError extends Error {
    constructor(
        readonly status: number,
        /** The specification's code, such as `M_FORBIDDEN`. */
        readonly code: string,
        message: string,
        readonly retryAfterMilliseconds: number | null,
        readonly body: Readonly<Record<string, unknown>>,
    ) {
        super(message);
        this.name = "MatrixError";
    }

    /** The same request may well succeed later. */
    get isTemporary(): boolean {
        return this.status === 429 || this.status === 408 || this.status >= 500;
    }
}

/** No answer at all, or none that came from a Matrix server. */
export class ConnectionError extends Error {
    constructor(cause: unknown) {
        super("the server could not be reached", { cause });
        this.name = "ConnectionError";
    }
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface RequestOptions {
    readonly query?: Query;
    readonly body?: unknown;
    readonly timeoutMilliseconds?: number;
    readonly signal?: AbortSignal;
}

const defaultTimeoutMilliseconds = 20_000;

export class MatrixHTTP {
    constructor(
        private readonly origin: string,
        private readonly accessToken: string | null,
        private readonly fetchFunction: typeof fetch = (input, init) => fetch(input, init),
    ) {}

    async request<Response>(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
        const headers: Record<string, string> = {};
        if (this.accessToken !== null) headers["Authorization"] = `Bearer ${this.accessToken}`;
        if (options.body !== undefined) headers["Content-Type"] = "application/json";
        const timeout = AbortSignal.timeout(options.timeoutMilliseconds ?? defaultTimeoutMilliseconds);
        const init: RequestInit = {
            method,
            headers,
            credentials: "omit",
            cache: "no-store",
            referrerPolicy: "no-referrer",
            signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
        };
        if (options.body !== undefined) init.body = JSON.stringify(options.body);
        let response: globalThis.Response;
        let body: unknown;
        try {
            response = await this.fetchFunction(this.origin + path + queryText(options.query), init);
            body = await response.json();
        } catch (error) {
            throw new ConnectionError(error);
        }
        if (response.ok) return body as Response;
        throw matrixError(response, body);
    }
}

/** One part of a path: ids hold characters that mean something in a URL. */
export function segment(text: string): string {
    return encodeURIComponent(text);
}

function queryText(query: Query | undefined): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
        if (value === undefined) continue;
        for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
    }
    const text = parameters.toString();
    return text === "" ? "" : `?${text}`;
}

function matrixError(response: globalThis.Response, body: unknown): MatrixError {
    const fields = typeof body === "object" && body !== null ? body as Record<string, unknown> : {};
    const code = typeof fields["errcode"] === "string" ? fields["errcode"] : "M_UNKNOWN";
    const message = typeof fields["error"] === "string" ? fields["error"] : response.statusText;
    const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
    const milliseconds = typeof fields["retry_after_ms"] === "number" ? fields["retry_after_ms"] : seconds * 1000;
    return new MatrixError(response.status, code, message, Number.isFinite(milliseconds) ? milliseconds : null, fields);
}

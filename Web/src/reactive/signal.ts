/**
 * Values that tell who read them when they change.
 *
 * A change marks everything downstream as possibly stale; an effect then runs again only if a value that it read
 * really became another one, so a computed list that comes out equal costs no drawing.
 */

export type Equality<Value> = (first: Value, second: Value) => boolean;

interface Source {
    version: number;
    readonly observers: Set<Observer>;
    /** Brings the value up to date, so that `version` can be compared. */
    refresh(): void;
}

abstract class Observer {
    protected readonly dependencies = new Map<Source, number>();

    abstract invalidate(): void;

    track(source: Source): void {
        if (this.dependencies.has(source)) return;
        this.dependencies.set(source, source.version);
        source.observers.add(this);
    }

    protected dependenciesChanged(): boolean {
        for (const [source, version] of this.dependencies) {
            source.refresh();
            if (source.version !== version) return true;
        }
        return false;
    }

    protected forgetDependencies(): void {
        for (const source of this.dependencies.keys()) source.observers.delete(this);
        this.dependencies.clear();
    }
}

let currentObserver: Observer | null = null;
let currentScope: Scope | null = null;
let batchDepth = 0;
const queuedEffects = new Set<Effect>();

/** Whatever was created while it ran is released together. */
export class Scope {
    private cleanups: (() => void)[] = [];

    run<Result>(body: () => Result): Result {
        const outer = currentScope;
        currentScope = this;
        try {
            return body();
        } finally {
            currentScope = outer;
        }
    }

    add(cleanup: () => void): void {
        this.cleanups.push(cleanup);
    }

    dispose(): void {
        const cleanups = this.cleanups;
        this.cleanups = [];
        for (const cleanup of cleanups.reverse()) cleanup();
    }
}

export function onCleanup(cleanup: () => void): void {
    currentScope?.add(cleanup);
}

export class Signal<Value> implements Source {
    version = 0;
    readonly observers = new Set<Observer>();

    constructor(private current: Value, private readonly equals: Equality<Value> = Object.is) {}

    get value(): Value {
        currentObserver?.track(this);
        return this.current;
    }

    set value(next: Value) {
        if (this.equals(this.current, next)) return;
        this.current = next;
        this.version += 1;
        batch(() => {
            for (const observer of [...this.observers]) observer.invalidate();
        });
    }

    /** Reads without becoming a dependency. */
    peek(): Value {
        return this.current;
    }

    refresh(): void {}
}

export class Computed<Value> extends Observer implements Source {
    version = 0;
    readonly observers = new Set<Observer>();
    private current!: Value;
    private state: "new" | "stale" | "fresh" = "new";

    constructor(private readonly compute: () => Value, private readonly equals: Equality<Value> = Object.is) {
        super();
        onCleanup(() => {
            this.forgetDependencies();
            this.state = "new";
        });
    }

    get value(): Value {
        this.refresh();
        currentObserver?.track(this);
        return this.current;
    }

    peek(): Value {
        this.refresh();
        return this.current;
    }

    refresh(): void {
        if (this.state === "fresh") return;
        if (this.state === "stale" && !this.dependenciesChanged()) {
            this.state = "fresh";
            return;
        }
        this.forgetDependencies();
        const next = observe(this, this.compute);
        if (this.state === "new" || !this.equals(this.current, next)) {
            this.current = next;
            this.version += 1;
        }
        this.state = "fresh";
    }

    invalidate(): void {
        if (this.state !== "fresh") return;
        this.state = "stale";
        for (const observer of [...this.observers]) observer.invalidate();
    }
}

class Effect extends Observer {
    private readonly scope = new Scope();
    private disposed = false;

    constructor(private readonly body: () => void) {
        super();
        onCleanup(() => this.dispose());
        this.run();
    }

    invalidate(): void {
        if (!this.disposed) queuedEffects.add(this);
    }

    runIfChanged(): void {
        if (!this.disposed && this.dependenciesChanged()) this.run();
    }

    private run(): void {
        this.scope.dispose();
        this.forgetDependencies();
        this.scope.run(() => observe(this, this.body));
    }

    private dispose(): void {
        this.disposed = true;
        this.scope.dispose();
        this.forgetDependencies();
    }
}

function observe<Result>(observer: Observer | null, body: () => Result): Result {
    const outer = currentObserver;
    currentObserver = observer;
    try {
        return body();
    } finally {
        currentObserver = outer;
    }
}

export function signal<Value>(initial: Value, equals?: Equality<Value>): Signal<Value> {
    return new Signal(initial, equals);
}

export function computed<Value>(compute: () => Value, equals?: Equality<Value>): Computed<Value> {
    return new Computed(compute, equals);
}

/** Runs `body` now and again whenever something it read has changed, until its scope ends. */
export function effect(body: () => void): void {
    new Effect(body);
}

export function untracked<Result>(body: () => Result): Result {
    return observe(null, body);
}

/** Effects wait until the outermost batch ends. */
export function batch<Result>(body: () => Result): Result {
    batchDepth += 1;
    try {
        return body();
    } finally {
        if (batchDepth === 1) flush();
        batchDepth -= 1;
    }
}

function flush(): void {
    // An effect may change signals; a set keeps the order and takes up what is added while it is walked through.
    for (const queued of queuedEffects) {
        queuedEffects.delete(queued);
        try {
            observe(null, () => queued.runIfChanged());
        } catch (error) {
            // One faulty view must not stop the others from being drawn.
            reportError(error);
        }
    }
}


/** A list whose rows stay the same elements as long as their key stays in the list. */
import { effect, onCleanup, Scope, Signal, signal, untracked, type Equality } from "./signal.ts";
import { Directive, element } from "./template.ts";

interface Row<Item> {
    readonly node: HTMLElement;
    readonly item: Signal<Item>;
    readonly scope: Scope;
}

export interface ListOptions<Item> {
    readonly items: () => readonly Item[];
    readonly key: (item: Item) => string;
    /** Called once a key; the row reads `item.value` where it shows something that may change. */
    readonly row: (item: Signal<Item>) => DocumentFragment;
    readonly equals?: Equality<Item>;
}

export function list<Item>(options: ListOptions<Item>): Directive {
    return new Directive((marker) => {
        const rows = new Map<string, Row<Item>>();
        const start = document.createComment("");
        marker.before(start);
        onCleanup(() => {
            for (const row of rows.values()) row.scope.dispose();
        });
        effect(() => {
            const items = options.items();
            untracked(() => update(options, rows, items, start, marker));
        });
    });
}

function update<Item>(
    options: ListOptions<Item>, rows: Map<string, Row<Item>>, items: readonly Item[], start: Comment, end: Comment,
): void {
    const wanted = new Set(items.map(options.key));
    for (const [key, row] of rows) {
        if (wanted.has(key)) continue;
        row.scope.dispose();
        row.node.remove();
        rows.delete(key);
    }
    let cursor: ChildNode | null = start.nextSibling;
    for (const item of items) {
        const key = options.key(item);
        let row = rows.get(key);
        if (row) row.item.value = item;
        else {
            row = create(options, item);
            rows.set(key, row);
        }
        if (row.node === cursor) cursor = cursor.nextSibling;
        else end.parentNode?.insertBefore(row.node, cursor ?? end);
    }
}

function create<Item>(options: ListOptions<Item>, item: Item): Row<Item> {
    const scope = new Scope();
    const itemSignal = signal(item, options.equals);
    const node = scope.run(() => element(options.row(itemSignal)));
    return { node, item: itemSignal, scope };
}

/**
 * `html` turns a tagged template into nodes. Text and attribute values are only ever set as text: what a person
 * wrote can not become markup. A function in a hole is read again whenever what it depends on changes.
 *
 *     html`<button class="primary" ?disabled=${() => busy.value} @click=${send}>${() => text().send}</button>`
 */
import { effect, onCleanup, Scope, untracked } from "./signal.ts";

/** Something that draws itself before a marker, such as a keyed list. */
export class Directive {
    constructor(readonly mount: (marker: Comment) => void) {}
}

export type Child = Node | Directive | string | number | null | undefined | boolean | readonly Child[] | (() => Child);

type Value = Child | EventListener | ((event: never) => void) | object;

interface AttributeHole {
    readonly kind: "attribute";
    readonly name: string;
}
interface ChildHole {
    readonly kind: "child";
}
type Hole = AttributeHole | ChildHole;

interface Prepared {
    readonly template: HTMLTemplateElement;
    readonly holes: readonly Hole[];
}

const prepared = new WeakMap<TemplateStringsArray, Prepared>();
const attributeBeforeHole = /\s([.@?]?[A-Za-z][\w-]*)=$/;

interface TrustedTypeFactory {
    createPolicy(name: string, rules: { createHTML(source: string): string }): { createHTML(source: string): unknown };
}

/** Only the constant strings of templates in our source pass through this policy; it is not exported. */
const policy = (globalThis as { trustedTypes?: TrustedTypeFactory }).trustedTypes
    ?.createPolicy("naru-template", { createHTML: (source) => source });

export function html(strings: TemplateStringsArray, ...values: Value[]): DocumentFragment {
    let entry = prepared.get(strings);
    if (!entry) {
        entry = prepare(strings);
        prepared.set(strings, entry);
    }
    const fragment = document.importNode(entry.template.content, true);
    bindHoles(fragment, entry.holes, values);
    return fragment;
}

/** The single element of a template, for places that keep hold of it. */
export function element(fragment: DocumentFragment): HTMLElement {
    const first = fragment.firstElementChild;
    if (!(first instanceof HTMLElement)) throw new Error("the template has no element");
    return first;
}

function prepare(strings: TemplateStringsArray): Prepared {
    const holes: Hole[] = [];
    let source = "";
    strings.forEach((part, index) => {
        const isLast = index === strings.length - 1;
        const attribute = isLast ? null : attributeBeforeHole.exec(part);
        if (attribute) {
            source += `${part.slice(0, attribute.index)} data-hole-${index}=""`;
            holes.push({ kind: "attribute", name: attribute[1] ?? "" });
        } else {
            source += isLast ? part : `${part}<!--hole-${index}-->`;
            if (!isLast) holes.push({ kind: "child" });
        }
    });
    const template = document.createElement("template");
    template.innerHTML = (policy ? policy.createHTML(source.trim()) : source.trim()) as string;
    return { template, holes };
}

function bindHoles(fragment: DocumentFragment, holes: readonly Hole[], values: readonly Value[]): void {
    const places: (Element | Comment)[] = [];
    const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node instanceof Comment) {
            const match = /^hole-(\d+)$/.exec(node.data);
            if (match) places[Number(match[1])] = node;
        } else if (node instanceof Element) {
            for (const name of node.getAttributeNames()) {
                if (!name.startsWith("data-hole-")) continue;
                places[Number(name.slice(10))] = node;
                node.removeAttribute(name);
            }
        }
    }
    holes.forEach((hole, index) => {
        const place = places[index];
        const value = values[index];
        if (!place) throw new Error("a hole stands where neither a value nor a child can be");
        if (hole.kind === "attribute") bindAttribute(place as Element, hole.name, value);
        else mountChild(place as Comment, value as Child);
    });
}

function bindAttribute(target: Element, name: string, value: Value): void {
    if (name.startsWith("@")) {
        target.addEventListener(name.slice(1), value as EventListener);
        return;
    }
    const isReactive = typeof value === "function" && !name.startsWith(".on");
    const apply = (current: unknown): void => {
        // Setting a text field to what it holds already would disturb a composition in it.
        if (name.startsWith(".")) {
            if (Reflect.get(target, name.slice(1)) !== current) Reflect.set(target, name.slice(1), current);
        }
        else if (name.startsWith("?")) target.toggleAttribute(name.slice(1), Boolean(current));
        else if (current === null || current === undefined || current === false) target.removeAttribute(name);
        else target.setAttribute(name, String(current));
    };
    if (isReactive) effect(() => apply((value as () => unknown)()));
    else apply(value);
}

function mountChild(marker: Comment, value: Child): void {
    if (typeof value !== "function") {
        insertChild(marker, value);
        return;
    }
    const start = document.createComment("");
    marker.before(start);
    effect(() => {
        const next = value();
        const single = start.nextSibling;
        if (typeof next === "string" && single instanceof Text && single.nextSibling === marker) {
            single.data = next;
            return;
        }
        removeBetween(start, marker);
        untracked(() => insertChild(marker, next));
    });
}

function insertChild(marker: Comment, value: Child): void {
    if (value === null || value === undefined || typeof value === "boolean") return;
    if (value instanceof Node) marker.before(value);
    else if (value instanceof Directive) value.mount(marker);
    else if (typeof value === "function" || Array.isArray(value)) {
        const parts = Array.isArray(value) ? (value as readonly Child[]) : [value as Child];
        for (const part of parts) {
            const inner = document.createComment("");
            marker.before(inner);
            mountChild(inner, part);
        }
    } else marker.before(String(value));
}

function removeBetween(start: Comment, end: Comment): void {
    while (start.nextSibling && start.nextSibling !== end) start.nextSibling.remove();
}

/**
 * Draws one of several views, and draws again only when `choose` gives another value, not whenever something the
 * view itself reads has changed.
 */
export function choice<Key>(choose: () => Key, draw: (key: Key) => Child): Directive {
    return new Directive((marker) => {
        const start = document.createComment("");
        marker.before(start);
        let drawn: { key: Key; scope: Scope } | null = null;
        onCleanup(() => drawn?.scope.dispose());
        effect(() => {
            const key = choose();
            if (drawn && Object.is(drawn.key, key)) return;
            drawn?.scope.dispose();
            removeBetween(start, marker);
            const scope = new Scope();
            drawn = { key, scope };
            untracked(() => scope.run(() => insertChild(marker, draw(key))));
        });
    });
}

/** A custom element that draws itself once and lives as long as it stays in the document. */
import { Scope, untracked } from "./signal.ts";

export abstract class Component extends HTMLElement {
    private scope: Scope | null = null;

    /** Called once, with the properties set; holes keep the result up to date. */
    protected abstract render(): DocumentFragment;

    /** Called when what `render` returned is in the document. */
    protected mounted(): void {}

    connectedCallback(): void {
        if (this.scope) return;
        const scope = new Scope();
        this.scope = scope;
        untracked(() => scope.run(() => {
            this.replaceChildren(this.render());
            this.mounted();
        }));
    }

    disconnectedCallback(): void {
        // A row that is moved leaves and comes back within the same task.
        queueMicrotask(() => {
            if (this.isConnected) return;
            this.scope?.dispose();
            this.scope = null;
            this.replaceChildren();
        });
    }
}

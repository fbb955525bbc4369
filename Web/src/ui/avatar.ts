/** The picture of a person or a group, made out of names until they have one of their own. */
import "./avatar.css";
import { avatarTone, firstGrapheme } from "../domain/avatar.ts";
import { html } from "../reactive/template.ts";

export interface Face {
    readonly id: string;
    readonly name: string;
}

/** One face alone, or up to four of them side by side. The name stands beside it, so it is decoration. */
export function avatar(faces: readonly Face[]): DocumentFragment {
    if (faces.length === 1 && faces[0]) return single(faces[0], "avatar");
    const shown = faces.slice(0, 4);
    return html`<span class="avatar composite" data-count=${shown.length} aria-hidden="true">
        ${shown.map((face) => single(face, "face"))}
    </span>`;
}

function single(face: Face, className: string): DocumentFragment {
    return html`<span class=${`${className} tone-${avatarTone(face.id)}`} aria-hidden="true">
        ${firstGrapheme(face.name)}
    </span>`;
}

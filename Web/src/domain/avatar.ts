/** The generated picture of a person or room: a letter on one of a few gradients. */

export const toneCount = 10;

/** The same for everybody who looks, since it follows from the id alone. */
export function avatarTone(identifier: string): number {
    let hash = 2166136261;
    for (let index = 0; index < identifier.length; index += 1) {
        hash = Math.imul(hash ^ identifier.charCodeAt(index), 16777619);
    }
    return (hash >>> 0) % toneCount;
}

/** The first letter, syllable or emoji as a reader sees it. */
export function firstGrapheme(name: string): string {
    const text = name.trim().replace(/^[@#!]/, "");
    for (const { segment } of new Intl.Segmenter().segment(text)) return segment.toUpperCase();
    return "?";
}

/** A message's text, cut into what is a link and what is not. */

export interface TextPart {
    readonly text: string;
    readonly link: string | null;
}

const linkPattern = /https?:\/\/[^\s<>"'“”‘’「」『』（）]+/gu;
/** Punctuation after a link belongs to the sentence around it. */
const trailingPunctuation = /[.,!?;:…。、，！？)\]}]+$/u;

export function textParts(text: string): TextPart[] {
    const parts: TextPart[] = [];
    let end = 0;
    for (const match of text.matchAll(linkPattern)) {
        const link = withoutTrailingPunctuation(match[0]);
        if (!URL.canParse(link)) continue;
        if (match.index > end) parts.push({ text: text.slice(end, match.index), link: null });
        parts.push({ text: link, link });
        end = match.index + link.length;
    }
    if (end < text.length) parts.push({ text: text.slice(end), link: null });
    return parts;
}

function withoutTrailingPunctuation(link: string): string {
    const trimmed = link.replace(trailingPunctuation, "");
    const isBracketed = link[trimmed.length] === ")" && trimmed.includes("(");
    return isBracketed ? `${trimmed})` : trimmed;
}

const emojiOnly = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\s)+$/u;

/** One to three emoji alone are shown large. */
export function isLargeEmoji(text: string): boolean {
    if (text.length > 40 || !emojiOnly.test(text)) return false;
    const count = [...new Intl.Segmenter().segment(text.replace(/\s/gu, ""))].length;
    return count >= 1 && count <= 3;
}

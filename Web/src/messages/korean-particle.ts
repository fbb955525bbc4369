/** Korean particles take a form after a consonant and another after a vowel. */

const firstSyllable = 0xac00;
const lastSyllable = 0xd7a3;
const finalRieul = 8;

/** `withParticle("나루", "으로", "로")` is `나루로`; `으로` counts a final ㄹ as a vowel, as speakers do. */
export function withParticle(word: string, afterConsonant: string, afterVowel: string): string {
    const code = word.codePointAt(word.length - 1) ?? 0;
    if (code < firstSyllable || code > lastSyllable) return `${word}${afterConsonant}(${afterVowel})`.replace("으로(로)", "(으)로");
    const final = (code - firstSyllable) % 28;
    const isVowel = final === 0 || (final === finalRieul && afterConsonant === "으로");
    return word + (isVowel ? afterVowel : afterConsonant);
}

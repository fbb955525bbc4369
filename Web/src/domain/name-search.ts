/** Finding a name by what one types of it: any part, in Korean also by initial consonants (ㅁㅈ finds 민지). */

const choseong = [..."ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"];
const firstSyllable = 0xac00;
const lastSyllable = 0xd7a3;
const syllablesPerInitial = 588;

export function matchesName(name: string, query: string): boolean {
    const wanted = [...normalized(query)];
    const letters = [...normalized(name)];
    if (wanted.length === 0) return true;
    for (let start = 0; start + wanted.length <= letters.length; start += 1) {
        if (wanted.every((letter, index) => matchesLetter(letters[start + index] ?? "", letter))) return true;
    }
    return false;
}

function matchesLetter(letter: string, wanted: string): boolean {
    if (letter === wanted) return true;
    const code = letter.codePointAt(0) ?? 0;
    if (code < firstSyllable || code > lastSyllable) return false;
    if (choseong.includes(wanted)) return choseong[Math.floor((code - firstSyllable) / syllablesPerInitial)] === wanted;
    // A syllable still being typed: 민ㅈ → 민지, and 미 already finds 민.
    const wantedCode = wanted.codePointAt(0) ?? 0;
    const isOpenSyllable = wantedCode >= firstSyllable && wantedCode <= lastSyllable
        && (wantedCode - firstSyllable) % 28 === 0;
    return isOpenSyllable && code > wantedCode && code < wantedCode + 28;
}

function normalized(text: string): string {
    return text.normalize("NFC").toLowerCase().replace(/\s+/gu, "");
}

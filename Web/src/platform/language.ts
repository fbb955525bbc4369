/** The language of the person, and the texts in it. */
import { effect, signal } from "../reactive/signal.ts";
import { en, type Messages } from "../messages/en.ts";
import { ko } from "../messages/ko.ts";
import { loadPreference, savePreference } from "../storage/preferences.ts";

export const languageCodes = [
    "ko", "en", "ja", "zh-Hans", "zh-Hant", "id", "ms", "fil", "vi", "th", "es", "ar",
] as const;
export type LanguageCode = (typeof languageCodes)[number];

/** A language can be chosen as soon as its texts stand here. */
const catalogues: Partial<Record<LanguageCode, Messages>> = { ko, en };

/** As each language calls itself. */
export const languageNames: Record<LanguageCode, string> = {
    ko: "한국어",
    en: "English",
    ja: "日本語",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    id: "Bahasa Indonesia",
    ms: "Bahasa Melayu",
    fil: "Filipino",
    vi: "Tiếng Việt",
    th: "ไทย",
    es: "Español",
    ar: "العربية",
};

const rightToLeft: ReadonlySet<LanguageCode> = new Set(["ar"]);

export const availableLanguages = languageCodes.filter((code) => catalogues[code] !== undefined);

export const language = signal<LanguageCode>(initialLanguage());

effect(() => {
    document.documentElement.lang = language.value;
    document.documentElement.dir = rightToLeft.has(language.value) ? "rtl" : "ltr";
});

export function texts(): Messages {
    return catalogues[language.value] ?? en;
}

export function chooseLanguage(code: LanguageCode): void {
    language.value = code;
    savePreference("language", code);
}

function initialLanguage(): LanguageCode {
    const stored = loadPreference("language");
    const wanted = stored === null ? navigator.languages : [stored];
    for (const tag of wanted) {
        const code = bestMatch(tag);
        if (code !== null) return code;
    }
    return "en";
}

function bestMatch(tag: string): LanguageCode | null {
    const locale = new Intl.Locale(tag).maximize();
    const withScript = `${locale.language}-${locale.script}`;
    return availableLanguages.find((code) => code === tag || code === withScript)
        ?? availableLanguages.find((code) => code === locale.language)
        ?? null;
}

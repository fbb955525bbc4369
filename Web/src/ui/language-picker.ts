/** Chooses the language, each called by its own name. */
import { html } from "../reactive/template.ts";
import {
    availableLanguages, chooseLanguage, language, languageNames, texts, type LanguageCode,
} from "../platform/language.ts";

export function languagePicker(): DocumentFragment {
    const choose = (event: Event): void =>
        chooseLanguage((event.target as HTMLSelectElement).value as LanguageCode);
    return html`<label class="language-picker">
        <span class="visually-hidden">${() => texts().welcome.language}</span>
        <select class="language-select" @change=${choose}>
            ${availableLanguages.map((code) => option(code))}
        </select>
    </label>`;
}

function option(code: LanguageCode): Node {
    const item = document.createElement("option");
    item.value = code;
    item.lang = code;
    item.textContent = languageNames[code];
    item.selected = language.peek() === code;
    return item;
}

/** The form of a text that fits a number, by the rules of the language. */

export type PluralForms = { readonly other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

/** `#` in the chosen form becomes the number, written as the language writes numbers. */
export function pluralizer(locale: string): (count: number, forms: PluralForms) => string {
    const rules = new Intl.PluralRules(locale);
    const numbers = new Intl.NumberFormat(locale);
    return (count, forms) => (forms[rules.select(count)] ?? forms.other).replaceAll("#", numbers.format(count));
}

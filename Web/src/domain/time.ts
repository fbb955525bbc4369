/** Times as people say them, in the language and the time zone of the device. */

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = `${locale} ${name}`;
    let formatter = formatters.get(key);
    if (!formatter) {
        formatter = new Intl.DateTimeFormat(locale, options);
        formatters.set(key, formatter);
    }
    return formatter;
}

function format(locale: string, name: string, options: Intl.DateTimeFormatOptions, timestamp: number): string {
    return formatterFor(locale, name, options).format(timestamp);
}

/** Browsers with newer language data say "PM 3:21" in Korean, which nobody says. */
const halvesOfDay: Readonly<Record<string, readonly [string, string]>> = { ko: ["오전", "오후"] };

/** 오후 3:21 */
export function timeOfDay(timestamp: number, locale: string): string {
    const formatter = formatterFor(locale, "time", { hour: "numeric", minute: "2-digit" });
    const halves = halvesOfDay[locale];
    if (!halves) return formatter.format(timestamp);
    const half = halves[new Date(timestamp).getHours() < 12 ? 0 : 1];
    return formatter.formatToParts(timestamp)
        .map((part) => part.type === "dayPeriod" ? half : part.value).join("");
}

/** 2026년 11월 20일 금요일 */
export function fullDate(timestamp: number, locale: string): string {
    return format(locale, "day", { dateStyle: "full" }, timestamp);
}

/** In a list of chats: the time today, yesterday in a word, the day this year, else the date. */
export function listTime(timestamp: number, now: number, locale: string, yesterday: string): string {
    if (timestamp <= 0) return "";
    if (dayOf(timestamp) === dayOf(now)) return timeOfDay(timestamp, locale);
    if (dayOf(timestamp) === dayOf(dayBefore(now))) return yesterday;
    const isThisYear = new Date(timestamp).getFullYear() === new Date(now).getFullYear();
    return isThisYear
        ? format(locale, "month", { month: "short", day: "numeric" }, timestamp)
        : format(locale, "date", { year: "numeric", month: "2-digit", day: "2-digit" }, timestamp);
}

export function dayOf(timestamp: number): string {
    const date = new Date(timestamp);
    const month = String(date.getMonth() + 1).padStart(2, "0");
    return `${date.getFullYear()}-${month}-${String(date.getDate()).padStart(2, "0")}`;
}

export function minuteOf(timestamp: number): number {
    return Math.floor(timestamp / 60_000);
}

/** Not 24 hours ago: on two days of the year a day is longer or shorter. */
function dayBefore(timestamp: number): number {
    const date = new Date(timestamp);
    date.setDate(date.getDate() - 1);
    return date.getTime();
}

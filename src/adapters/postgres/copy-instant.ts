const ZERO = 48;
const NINE = 57;
const SEOUL_OFFSET_MINUTES = 540;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** What the API means by no date at all. */
export function isZeroDate(text: string): boolean {
  return text === '' || text.startsWith('0000-00-00');
}

/**
 * A time of the API in epoch milliseconds: `YYYY-MM-DD`, then optionally `T` or a blank and `HH:MM`, seconds, a fraction,
 * and an offset (`Z`, `+09:00`, `+0900`). Without an offset it is Korean time. NaN when it is none of these.
 */
export function parseInstant(text: string): number {
  const days = parseDay(text);
  if (Number.isNaN(days)) return Number.NaN;
  let minutes = 0;
  let milliseconds = 0;
  let at = 10;
  if (at < text.length) {
    const separator = text[at];
    const hour = twoDigits(text, 11);
    const minute = twoDigits(text, 14);
    if ((separator !== 'T' && separator !== ' ') || text[13] !== ':' || !(hour < 24) || !(minute < 60))
      return Number.NaN;
    minutes = hour * 60 + minute;
    at = 16;
    if (text[at] === ':') {
      const second = twoDigits(text, 17);
      if (!(second < 60)) return Number.NaN;
      milliseconds = second * 1000;
      at = 19;
      if (text[at] === '.') {
        const end = endOfDigits(text, at + 1);
        if (end === at + 1 || end > at + 10) return Number.NaN;
        milliseconds += Math.floor(Number(text.slice(at, end)) * 1000);
        at = end;
      }
    }
  }
  const offset = at === text.length ? SEOUL_OFFSET_MINUTES : parseOffset(text, at);
  return (days * 1440 + minutes - offset) * 60_000 + milliseconds;
}

/** Whether a text that `parseInstant` accepts says its offset. */
export function hasOffset(text: string): boolean {
  return text.length > 16 && (text.endsWith('Z') || text.includes('+', 16) || text.includes('-', 16));
}

/** The days from 1970-01-01 to the date a text begins with; NaN when it begins with none. */
export function parseDay(text: string): number {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (!(year > 0) || text[4] !== '-' || text[7] !== '-' || !(month >= 1 && month <= 12)) return Number.NaN;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 && isLeap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
  return day >= 1 && day <= length ? daysFromCivil(year, month, day) : Number.NaN;
}

function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function parseOffset(text: string, at: number): number {
  const sign = text[at];
  if (sign === 'Z') return at + 1 === text.length ? 0 : Number.NaN;
  if (sign !== '+' && sign !== '-') return Number.NaN;
  const hour = twoDigits(text, at + 1);
  const minuteAt = text[at + 3] === ':' ? at + 4 : at + 3;
  const minute = twoDigits(text, minuteAt);
  if (!(hour < 16) || !(minute < 60) || minuteAt + 2 !== text.length) return Number.NaN;
  return (sign === '+' ? 1 : -1) * (hour * 60 + minute);
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  const areDigits = tens >= ZERO && tens <= NINE && ones >= ZERO && ones <= NINE;
  return areDigits ? (tens - ZERO) * 10 + (ones - ZERO) : Number.NaN;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) at += 1;
  return at;
}

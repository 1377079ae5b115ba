import type { CalendarDay } from '../../adapters/postgres/read-models/calendar-days.ts';
import type { Lang } from '../text/lang.ts';

const WEEK_DAYS = 7;

/** The days in weeks that begin on Monday; null where a week reaches out of the month. */
export function buildWeeks(days: readonly CalendarDay[]): readonly (readonly (CalendarDay | null)[])[] {
  const [first] = days;
  if (first === undefined) return [];
  const lead = (new Date(`${first.day}T00:00:00Z`).getUTCDay() + WEEK_DAYS - 1) % WEEK_DAYS;
  const cells: readonly (CalendarDay | null)[] = [...Array.from({ length: lead }, () => null), ...days];
  return Array.from({ length: Math.ceil(cells.length / WEEK_DAYS) }, (_, week) =>
    Array.from({ length: WEEK_DAYS }, (__, day) => cells[week * WEEK_DAYS + day] ?? null),
  );
}

const MONTH_NAMES: Readonly<Record<Lang, Intl.DateTimeFormat>> = {
  en: new Intl.DateTimeFormat('en', { year: 'numeric', month: 'long', timeZone: 'UTC' }),
  ko: new Intl.DateTimeFormat('ko', { year: 'numeric', month: 'long', timeZone: 'UTC' }),
};

/** `2025-12` as `December 2025` or `2025년 12월`. */
export function toMonthName(month: string, lang: Lang): string {
  return MONTH_NAMES[lang].format(new Date(`${month}-01T00:00:00Z`));
}

import { parsePeriod } from '../domain/period.ts';
import { DAY_MS, startOfSeoulDay, toSeoulDay, toSeoulTime } from '../domain/seoul-time.ts';

/** An instant for a machine: Asia/Seoul with its offset. */
export function toInstantText(instantMs: number): string;
export function toInstantText(instantMs: number | null): string | null;
export function toInstantText(instantMs: number | null): string | null {
  return instantMs === null ? null : `${toSeoulTime(instantMs)}+09:00`;
}

/** An instant for a narrow column: `2025-12-01 00:00` of Asia/Seoul, `-` for none. */
export function toMinuteText(instantMs: number | null): string {
  return instantMs === null ? '-' : toSeoulTime(instantMs).slice(0, 16).replace('T', ' ');
}

/** A period for a narrow column: whole days by their dates, both ends included; anything else in full. */
export function toPeriodText(startDate: string, endDate: string): string {
  const { fromMs, untilMs } = parsePeriod(startDate, endDate);
  const isWholeDays = startOfSeoulDay(fromMs) === fromMs && startOfSeoulDay(untilMs) === untilMs;
  if (!isWholeDays) return `${startDate}..${endDate}`;
  const [first, last] = [toSeoulDay(fromMs), toSeoulDay(untilMs - DAY_MS)];
  return first === last ? first : `${first}..${last}`;
}

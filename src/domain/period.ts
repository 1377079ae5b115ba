import { TerminalError } from './errors.ts';
import { DAY_MS, parseSeoulTime, SECOND_MS, startOfSeoulDay, toSeoulTime } from './seoul-time.ts';

/** A stretch of time `[fromMs, untilMs)` in epoch milliseconds, whole seconds. */
export interface TimeRange {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A period as a person gave it (Asia/Seoul, no offset) and as the half-open range that identifies it. */
export interface Period extends TimeRange {
  readonly startDate: string;
  readonly endDate: string;
}

/**
 * An end at second s means up to s + 1 s; an end at exactly midnight is exclusive. So `…17T23:59:59` and `…18T00:00:00`
 * are one period and adjacent nights do not overlap.
 * @throws TerminalError ConfigInvalid when a date is malformed or the period is empty.
 */
export function parsePeriod(startDate: string, endDate: string): Period {
  const fromMs = parseSeoulTime(startDate);
  if (fromMs === undefined) throw malformed('startDate', startDate);
  const endMs = parseSeoulTime(endDate);
  if (endMs === undefined) throw malformed('endDate', endDate);
  const untilMs = startOfSeoulDay(endMs) === endMs ? endMs : endMs + SECOND_MS;
  if (untilMs <= fromMs) {
    throw new TerminalError('ConfigInvalid', `endDate ${endDate} is not after startDate ${startDate}`);
  }
  return { startDate, endDate, fromMs, untilMs };
}

function malformed(field: string, text: string): TerminalError {
  return new TerminalError(
    'ConfigInvalid',
    `${field} must be a time of Asia/Seoul like 2025-12-01T00:00:00, not ${JSON.stringify(text)}`,
  );
}

/** The period of `days` whole Seoul days that ends before the day holding `instantMs` begins. */
export function buildDaysBefore(instantMs: number, days: number): Period {
  const untilMs = startOfSeoulDay(instantMs);
  const fromMs = untilMs - days * DAY_MS;
  return { startDate: toSeoulTime(fromMs), endDate: toSeoulTime(untilMs), fromMs, untilMs };
}

/** Cuts a range at every Seoul midnight inside it. */
export function splitAtSeoulDays(range: TimeRange): readonly TimeRange[] {
  return splitEvery(range, DAY_MS, startOfSeoulDay(range.fromMs));
}

/** Cuts a range at `originMs` + k × `stepMs`; the pieces cover it exactly. */
export function splitEvery(range: TimeRange, stepMs: number, originMs: number): readonly TimeRange[] {
  const pieces: TimeRange[] = [];
  let fromMs = range.fromMs;
  while (fromMs < range.untilMs) {
    const nextCut = originMs + (Math.floor((fromMs - originMs) / stepMs) + 1) * stepMs;
    const untilMs = Math.min(nextCut, range.untilMs);
    pieces.push({ fromMs, untilMs });
    fromMs = untilMs;
  }
  return pieces;
}

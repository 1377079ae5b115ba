import { TerminalError } from '../../../domain/errors.ts';
import type { TimeRange } from '../../../domain/period.ts';
import { splitAtSeoulDays } from '../../../domain/period.ts';
import { parseSeoulTime, startOfSeoulDay, toSeoulDay, toSeoulTime } from '../../../domain/seoul-time.ts';

/**
 * `complete`: all of the day is covered, `rejects`: likewise, with open rejected rows; `partial`: some of it; `missing`:
 * nothing, though the mall was known then; `before`: nothing, and neither known nor read yet; `future`: the day is not
 * over, whatever of it has been read.
 */
export const DAY_STATES = ['complete', 'rejects', 'partial', 'missing', 'future', 'before'] as const;
export type DayState = (typeof DAY_STATES)[number];

export interface CalendarDay {
  /** `YYYY-MM-DD` in Asia/Seoul. */
  readonly day: string;
  readonly state: DayState;
  /** Open rejected rows whose window touches the day. */
  readonly openRejects: number;
  /** The newest executions of the periods that touch the day, the newest first, at most three. */
  readonly executionIds: readonly number[];
}

/** Whole days, as a new run takes them: from the first midnight up to the last, which is not part of it. */
export interface MissingRange {
  readonly startDate: string;
  readonly endDate: string;
  readonly days: number;
}

export interface CoverageCalendar {
  readonly days: readonly CalendarDay[];
  /** Neighbouring missing or partial days joined, within the month. */
  readonly missingRanges: readonly MissingRange[];
  /** The first day that is expected to be covered. */
  readonly firstDay: string;
}

export interface CalendarInput {
  readonly month: TimeRange;
  readonly nowMs: number;
  readonly createdAtMs: number;
  /** Over all time. */
  readonly firstCoveredMs: number | null;
  /** Ascending and disjoint, as is `withRejects`. */
  readonly covered: readonly TimeRange[];
  readonly withRejects: readonly TimeRange[];
  readonly rejects: readonly (TimeRange & { readonly entries: number })[];
  /** Newest first. */
  readonly executions: readonly (TimeRange & { readonly executionId: number })[];
}

const MOST_EXECUTIONS = 3;

/** The month `YYYY-MM` from its first Seoul midnight to the next month's. */
export function parseMonth(month: string): TimeRange {
  const fromMs = /^\d{4}-\d{2}$/.test(month) ? parseSeoulTime(`${month}-01T00:00:00`) : undefined;
  if (fromMs === undefined) throw new TerminalError('ConfigInvalid', 'month must be like 2025-12');
  const [year, number] = month.split('-').map(Number);
  const next = number === 12 ? [(year ?? 0) + 1, 1] : [year ?? 0, (number ?? 0) + 1];
  const untilMs = parseSeoulTime(`${String(next[0]).padStart(4, '0')}-${String(next[1]).padStart(2, '0')}-01T00:00:00`);
  if (untilMs === undefined) throw new TerminalError('ConfigInvalid', 'month must be like 2025-12');
  return { fromMs, untilMs };
}

export function buildCalendar(input: CalendarInput): CoverageCalendar {
  const firstMs = startOfSeoulDay(Math.min(input.createdAtMs, input.firstCoveredMs ?? input.createdAtMs));
  const ranges = splitAtSeoulDays(input.month);
  const days = ranges.map((range): CalendarDay => ({
    day: toSeoulDay(range.fromMs),
    state: toState(range, firstMs, input),
    openRejects: input.rejects.filter((each) => touches(each, range)).reduce((sum, { entries }) => sum + entries, 0),
    executionIds: input.executions
      .filter((each) => touches(each, range))
      .slice(0, MOST_EXECUTIONS)
      .map(({ executionId }) => executionId),
  }));
  const lacking = ranges.filter((_, index) => isLacking(days[index]?.state));
  return { days, missingRanges: joinDays(lacking), firstDay: toSeoulDay(firstMs) };
}

function toState(day: TimeRange, firstMs: number, { nowMs, covered, withRejects }: CalendarInput): DayState {
  if (day.untilMs > nowMs) return 'future';
  const pieces = covered.filter((range) => touches(range, day));
  if (pieces.some((range) => range.fromMs <= day.fromMs && range.untilMs >= day.untilMs)) {
    return withRejects.some((range) => touches(range, day)) ? 'rejects' : 'complete';
  }
  if (pieces.length > 0) return 'partial';
  return day.fromMs < firstMs ? 'before' : 'missing';
}

function isLacking(state: DayState | undefined): boolean {
  return state === 'missing' || state === 'partial';
}

function touches(a: TimeRange, b: TimeRange): boolean {
  return a.fromMs < b.untilMs && b.fromMs < a.untilMs;
}

function joinDays(days: readonly TimeRange[]): readonly MissingRange[] {
  const runs: TimeRange[][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1)?.untilMs === day.fromMs) run.push(day);
    else runs.push([day]);
  }
  return runs.flatMap((run) => {
    const first = run[0];
    const last = run.at(-1);
    if (first === undefined || last === undefined) return [];
    return [{ startDate: toSeoulTime(first.fromMs), endDate: toSeoulTime(last.untilMs), days: run.length }];
  });
}

import { createBoundedCache } from './bounded-cache.ts';
import { countBefore, createGeneratedDay, createStoredDay, type DayList, type TimedRef } from './day-list.ts';
import { createPoisonBook } from './poison-book.ts';
import type { PoisonPlan, Repeat, RowFlaw } from './poison.ts';
import { mix } from './random.ts';
import { createRowEdits, type DayEdits, type RowEdits } from './row-edits.ts';
import { dayOf, serialOf, toRef } from './row-ref.ts';

interface RowMarks {
  readonly flaw: RowFlaw | undefined;
  readonly revision: number;
  readonly overrides: Readonly<Record<string, unknown>> | undefined;
}

/** The rows of one shop and resource: what the generator makes of each day, and what was edited since. */
export interface RowStore {
  readonly edits: RowEdits;
  /** Rows as `/count` counts them; `listed` leaves the hidden ones out. */
  counted(day: number): DayList;
  listed(day: number): DayList;
  baseSize(day: number): number;
  has(ref: number): boolean;
  secondOf(ref: number): number;
  /** Undefined for a row that is just as generated. */
  marksOf(ref: number): RowMarks | undefined;
  repeatsOn(day: number): ReadonlyMap<number, Repeat>;
}

export interface RowStoreOptions {
  readonly key: number;
  readonly sizeOf: (day: number) => number;
  readonly poison: PoisonPlan | undefined;
}

const CACHED_ROWS = 4_000_000;

function isMoved(edits: DayEdits | undefined): edits is DayEdits {
  return edits !== undefined && edits.addedSeconds.length + edits.removed.size + edits.hidden.size > 0;
}

function buildEditedDay(day: number, base: DayList, edits: DayEdits, withHidden: boolean): DayList {
  const rows: TimedRef[] = [];
  const isShown = (serial: number): boolean => !edits.removed.has(serial) && (withHidden || !edits.hidden.has(serial));
  for (let serial = 0; serial < base.size; serial++) {
    if (isShown(serial)) rows.push({ second: base.secondAt(serial), ref: toRef(day, serial) });
  }
  for (const [index, second] of edits.addedSeconds.entries()) {
    const serial = base.size + index;
    if (isShown(serial)) rows.push({ second, ref: toRef(day, serial) });
  }
  return createStoredDay(rows);
}

interface Day {
  readonly number: number;
  readonly base: DayList;
  readonly edits: DayEdits | undefined;
  readonly version: number;
}

/** Remembers the day last asked for, since rows are asked for by the page. */
function createDayMemo(options: RowStoreOptions, edits: RowEdits): (day: number) => Day {
  let last: Day | undefined;
  return (day) => {
    if (last?.number === day && last.version === edits.version) return last;
    const base = createGeneratedDay(day, options.sizeOf(day), mix(options.key, day));
    last = { number: day, base, edits: edits.ofDay(day), version: edits.version };
    return last;
  };
}

export function createRowStore(options: RowStoreOptions): RowStore {
  const edits = createRowEdits();
  const dayAt = createDayMemo(options, edits);
  const editedDays = createBoundedCache<DayList>(CACHED_ROWS);
  const poison = createPoisonBook(options.poison, options.sizeOf);

  function listOf(number: number, withHidden: boolean): DayList {
    const day = dayAt(number);
    const changes = day.edits;
    if (!isMoved(changes)) return day.base;
    return editedDays.getOrBuild(
      `${number}|${day.version}|${withHidden}`,
      () => buildEditedDay(number, day.base, changes, withHidden),
      (list) => list.size,
    );
  }

  return {
    edits,
    baseSize: options.sizeOf,
    counted: (day) => listOf(day, true),
    listed: (day) => listOf(day, false),
    has(ref) {
      const day = dayAt(dayOf(ref));
      const serial = serialOf(ref);
      if (day.edits?.removed.has(serial) || day.edits?.hidden.has(serial)) return false;
      return serial < day.base.size + (day.edits?.addedSeconds.length ?? 0);
    },
    secondOf(ref) {
      const day = dayAt(dayOf(ref));
      const added = serialOf(ref) - day.base.size;
      return added < 0 ? day.base.secondAt(serialOf(ref)) : (day.edits?.addedSeconds[added] ?? 0);
    },
    marksOf(ref) {
      const day = dayAt(dayOf(ref));
      const serial = serialOf(ref);
      const flaw = poison.flawOf(day.number, serial, day.edits);
      if (day.edits === undefined) return flaw === undefined ? undefined : { flaw, revision: 0, overrides: undefined };
      const revision = day.edits.revisions.get(serial) ?? 0;
      const overrides = day.edits.overrides.get(serial);
      return flaw === undefined && revision === 0 && overrides === undefined
        ? undefined
        : { flaw, revision, overrides };
    },
    repeatsOn: (day) => poison.repeatsOn(day, edits.ofDay(day)),
  };
}

/** Where a day's list holds the given row; undefined when it is hidden or removed. */
export function findPosition(list: DayList, second: number, ref: number): number | undefined {
  const end = countBefore(list, second + 1);
  for (let position = countBefore(list, second); position < end; position++) {
    if (list.refAt(position) === ref) return position;
  }
  return undefined;
}

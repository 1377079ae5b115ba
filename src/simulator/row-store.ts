import { createBoundedCache } from './bounded-cache.ts';
import { countBefore, createGeneratedDay, createStoredDay, type DayList, type TimedRef } from './day-list.ts';
import { isRepeat, planPoison, type PoisonKind, type PoisonPlan, type Repeat, type RowFlaw } from './poison.ts';
import { mix } from './random.ts';
import { createRowEdits, type RowEdits } from './row-edits.ts';
import { dayOf, serialOf, toRef } from './row-ref.ts';

export interface RowMarks {
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
  flawsOn(day: number): ReadonlyMap<number, RowFlaw>;
  repeatsOn(day: number): ReadonlyMap<number, Repeat>;
}

export interface RowStoreOptions {
  readonly key: number;
  readonly sizeOf: (day: number) => number;
  readonly poison: PoisonPlan | undefined;
}

const CACHED_ROWS = 4_000_000;
const NO_POISON: ReadonlyMap<number, PoisonKind> = new Map();

export function createRowStore(options: RowStoreOptions): RowStore {
  const edits = createRowEdits();
  const storedDays = createBoundedCache<DayList>(CACHED_ROWS);
  const plans = new Map<number, ReadonlyMap<number, PoisonKind>>();
  const baseSize = options.sizeOf;
  const generated = (day: number): DayList => createGeneratedDay(day, baseSize(day), mix(options.key, day));

  function planOf(day: number): ReadonlyMap<number, PoisonKind> {
    if (options.poison === undefined || options.poison.perDay === 0) return NO_POISON;
    let plan = plans.get(day);
    if (plan === undefined) plans.set(day, (plan = planPoison(options.poison, day, baseSize(day))));
    return plan;
  }

  function buildStored(day: number, withHidden: boolean): DayList {
    const base = generated(day);
    const changes = edits.ofDay(day);
    const rows: TimedRef[] = [];
    const isLeftOut = (serial: number): boolean =>
      changes?.removed.has(serial) === true || (!withHidden && changes?.hidden.has(serial) === true);
    for (let serial = 0; serial < base.size; serial++) {
      if (!isLeftOut(serial)) rows.push({ second: base.secondAt(serial), ref: toRef(day, serial) });
    }
    for (const [index, second] of (changes?.addedSeconds ?? []).entries()) {
      if (!isLeftOut(base.size + index)) rows.push({ second, ref: toRef(day, base.size + index) });
    }
    return createStoredDay(rows);
  }

  function listOf(day: number, withHidden: boolean): DayList {
    const changes = edits.ofDay(day);
    const isMoved =
      changes !== undefined && changes.addedSeconds.length + changes.removed.size + changes.hidden.size > 0;
    if (!isMoved) return generated(day);
    const key = `${day}|${edits.version}|${withHidden}`;
    return storedDays.getOrBuild(
      key,
      () => buildStored(day, withHidden),
      (list) => list.size,
    );
  }

  function poisonOn(day: number): ReadonlyMap<number, PoisonKind> {
    const changes = edits.ofDay(day);
    const plan = planOf(day);
    if (changes === undefined || changes.poison.size + changes.repeats.size === 0) return plan;
    const merged = new Map<number, PoisonKind>(plan);
    for (const [serial, kind] of changes.poison) {
      if (kind === 'none') merged.delete(serial);
      else merged.set(serial, kind);
    }
    for (const [serial, kind] of changes.repeats) merged.set(serial, kind);
    return merged;
  }

  return {
    edits,
    baseSize,
    counted: (day) => listOf(day, true),
    listed: (day) => listOf(day, false),
    has(ref) {
      const changes = edits.ofDay(dayOf(ref));
      const serial = serialOf(ref);
      if (changes?.removed.has(serial) === true || changes?.hidden.has(serial) === true) return false;
      return serial < baseSize(dayOf(ref)) + (changes?.addedSeconds.length ?? 0);
    },
    secondOf(ref) {
      const day = dayOf(ref);
      const added = serialOf(ref) - baseSize(day);
      return added < 0 ? generated(day).secondAt(serialOf(ref)) : (edits.ofDay(day)?.addedSeconds[added] ?? 0);
    },
    marksOf(ref) {
      const day = dayOf(ref);
      const changes = edits.ofDay(day);
      const serial = serialOf(ref);
      const own = changes?.poison.get(serial);
      const kind = own ?? planOf(day).get(serial) ?? 'none';
      const flaw = kind === 'none' || isRepeat(kind) ? undefined : kind;
      const revision = changes?.revisions.get(serial) ?? 0;
      const overrides = changes?.overrides.get(serial);
      return flaw === undefined && revision === 0 && overrides === undefined
        ? undefined
        : { flaw, revision, overrides };
    },
    flawsOn: (day) => onlyFlaws(poisonOn(day)),
    repeatsOn: (day) => onlyRepeats(poisonOn(day)),
  };
}

function onlyFlaws(poison: ReadonlyMap<number, PoisonKind>): ReadonlyMap<number, RowFlaw> {
  const flaws = new Map<number, RowFlaw>();
  for (const [serial, kind] of poison) if (!isRepeat(kind)) flaws.set(serial, kind);
  return flaws;
}

function onlyRepeats(poison: ReadonlyMap<number, PoisonKind>): ReadonlyMap<number, Repeat> {
  const repeats = new Map<number, Repeat>();
  for (const [serial, kind] of poison) if (isRepeat(kind)) repeats.set(serial, kind);
  return repeats;
}

/** The positions of a day's list that hold the given row; one, or none when it is hidden or removed. */
export function findPosition(list: DayList, second: number, ref: number): number | undefined {
  const end = countBefore(list, second + 1);
  for (let position = countBefore(list, second); position < end; position++) {
    if (list.refAt(position) === ref) return position;
  }
  return undefined;
}

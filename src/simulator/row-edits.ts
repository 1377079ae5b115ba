import type { PoisonKind, Repeat } from './poison.ts';
import { dayOf, serialOf, toRef } from './row-ref.ts';

/** What has been done at run time to one shop's rows of one day; serials from `baseSize` up were added. */
export interface DayEdits {
  readonly addedSeconds: number[];
  readonly removed: Set<number>;
  readonly hidden: Set<number>;
  readonly poison: Map<number, PoisonKind | 'none'>;
  readonly repeats: Map<number, Repeat>;
  readonly revisions: Map<number, number>;
  readonly overrides: Map<number, Record<string, unknown>>;
}

export interface RowEdits {
  /** Rises with each edit, so that whatever was computed before can be told to be old. */
  readonly version: number;
  ofDay(day: number): DayEdits | undefined;
  add(day: number, second: number, count: number, baseSize: number): number[];
  remove(refs: readonly number[]): void;
  hide(refs: readonly number[]): void;
  change(refs: readonly number[], fields: Readonly<Record<string, unknown>> | undefined): void;
  poison(refs: readonly number[], kind: PoisonKind): void;
  heal(refs: readonly number[]): void;
}

function createDayEdits(): DayEdits {
  return {
    addedSeconds: [],
    removed: new Set(),
    hidden: new Set(),
    poison: new Map(),
    repeats: new Map(),
    revisions: new Map(),
    overrides: new Map(),
  };
}

function changeRow(edits: DayEdits, serial: number, fields: Readonly<Record<string, unknown>> | undefined): void {
  if (fields === undefined) edits.revisions.set(serial, (edits.revisions.get(serial) ?? 0) + 1);
  else edits.overrides.set(serial, { ...edits.overrides.get(serial), ...fields });
}

function poisonRow(edits: DayEdits, serial: number, kind: PoisonKind): void {
  if (kind === 'duplicate-in-page' || kind === 'duplicate-across-pages') edits.repeats.set(serial, kind);
  else edits.poison.set(serial, kind);
}

export function createRowEdits(): RowEdits {
  const days = new Map<number, DayEdits>();
  let version = 0;

  function open(day: number): DayEdits {
    const edits = days.get(day) ?? createDayEdits();
    days.set(day, edits);
    version++;
    return edits;
  }

  function each(refs: readonly number[], act: (edits: DayEdits, serial: number) => void): void {
    for (const ref of refs) act(open(dayOf(ref)), serialOf(ref));
  }

  return {
    get version() {
      return version;
    },
    ofDay: (day) => days.get(day),
    add(day, second, count, baseSize) {
      const { addedSeconds } = open(day);
      return Array.from({ length: count }, () => toRef(day, baseSize + addedSeconds.push(second) - 1));
    },
    remove: (refs) => each(refs, (edits, serial) => edits.removed.add(serial)),
    hide: (refs) => each(refs, (edits, serial) => edits.hidden.add(serial)),
    change: (refs, fields) => each(refs, (edits, serial) => changeRow(edits, serial, fields)),
    poison: (refs, kind) => each(refs, (edits, serial) => poisonRow(edits, serial, kind)),
    heal: (refs) =>
      each(refs, (edits, serial) => {
        edits.poison.set(serial, 'none');
        edits.repeats.delete(serial);
        edits.hidden.clear();
      }),
  };
}

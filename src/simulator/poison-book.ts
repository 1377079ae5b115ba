import { isRepeat, planPoison, type PoisonKind, type PoisonPlan, type Repeat, type RowFlaw } from './poison.ts';
import type { DayEdits } from './row-edits.ts';

/** Which rows of a day are spoilt: by generation, unless healed, and by later edits. */
export interface PoisonBook {
  flawOf(day: number, serial: number, edits: DayEdits | undefined): RowFlaw | undefined;
  repeatsOn(day: number, edits: DayEdits | undefined): ReadonlyMap<number, Repeat>;
}

const NOTHING: ReadonlyMap<number, PoisonKind> = new Map();
const NO_REPEATS: ReadonlyMap<number, Repeat> = new Map();

export function createPoisonBook(plan: PoisonPlan | undefined, sizeOf: (day: number) => number): PoisonBook {
  const planned = new Map<number, ReadonlyMap<number, PoisonKind>>();

  function plannedOn(day: number): ReadonlyMap<number, PoisonKind> {
    if (plan === undefined || plan.perDay === 0) return NOTHING;
    let chosen = planned.get(day);
    if (chosen === undefined) {
      chosen = planPoison(plan, day, sizeOf(day));
      planned.set(day, chosen);
    }
    return chosen;
  }

  return {
    flawOf(day, serial, edits) {
      const kind = edits?.poison.get(serial) ?? plannedOn(day).get(serial) ?? 'none';
      return kind === 'none' || isRepeat(kind) ? undefined : kind;
    },
    repeatsOn(day, edits) {
      const chosen = plannedOn(day);
      if (chosen.size === 0 && edits === undefined) return NO_REPEATS;
      const repeats = new Map<number, Repeat>();
      for (const [serial, kind] of chosen) {
        if (isRepeat(kind) && !edits?.poison.has(serial)) repeats.set(serial, kind);
      }
      for (const [serial, kind] of edits?.repeats ?? NO_REPEATS) repeats.set(serial, kind);
      return repeats;
    },
  };
}

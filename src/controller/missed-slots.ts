import { DAY_MS } from '../domain/seoul-time.ts';
import { toNight } from './night-drafts.ts';

export interface MissedSlotInput {
  readonly nowMs: number;
  /** A night may come this late and is not missed. */
  readonly graceMs: number;
  /** `yyyymmdd` of the nights that there is any trace of. */
  readonly knownNights: ReadonlySet<string>;
  /** The schedule's times in `[fromMs, untilMs)`, ascending. */
  listSlots(fromMs: number, untilMs: number): readonly number[];
}

export interface MissedSlot {
  readonly scheduledAtMs: number;
  /** `yyyymmdd`. */
  readonly night: string;
}

/** Traces of nights that are older than this do not matter. */
const LONGEST_DAYS = 31;

/**
 * The nights that should have begun and did not, since the oldest night that is known of: where there never was one,
 * nothing was promised.
 */
export function listMissedSlots(input: MissedSlotInput): readonly MissedSlot[] {
  const { nowMs, graceMs, knownNights } = input;
  const slotOf = new Map<string, number>();
  for (const scheduledAtMs of input.listSlots(nowMs - LONGEST_DAYS * DAY_MS, nowMs)) {
    const night = toNight(scheduledAtMs);
    if (!slotOf.has(night)) slotOf.set(night, scheduledAtMs);
  }
  const slots = [...slotOf].map(([night, scheduledAtMs]) => ({ night, scheduledAtMs }));
  const first = slots.findIndex(({ night }) => knownNights.has(night));
  if (first === -1) return [];
  return slots
    .slice(first)
    .filter(({ scheduledAtMs, night }) => !knownNights.has(night) && scheduledAtMs < nowMs - graceMs);
}

import type { DomainType } from './domain-type.ts';
import { DOMAIN_TYPES } from './domain-type.ts';
import type { Mall } from './mall.ts';
import type { Period, TimeRange } from './period.ts';
import { buildDaysBefore } from './period.ts';
import { DAY_MS } from './seoul-time.ts';

export type LookbackDays = Readonly<Record<DomainType, number>>;

export interface NightPlanInput {
  /** The scheduled time, or any later moment of the same Seoul day. */
  readonly scheduledAtMs: number;
  /** Days before yesterday that each night reads again, for late changes. */
  readonly lookbackDays: LookbackDays;
  /** Days before yesterday that are looked at for gaps. */
  readonly catchUpDays: number;
  /** Inactive malls are left out. */
  readonly malls: readonly Pick<Mall, 'mallId' | 'active' | 'domainTypes'>[];
  /** The time that complete windows of a mall and domain type cover; ranges in any order. */
  coverageOf(mallId: number, domainType: DomainType): readonly TimeRange[];
}

/** One domain type and period for some malls. */
export interface PlannedSync {
  readonly kind: 'nightly' | 'catch-up';
  readonly domainType: DomainType;
  readonly period: Period;
  /** Ascending, never empty. */
  readonly mallIds: readonly number[];
}

/**
 * A night's work: for each domain type the day before and the look-back, then each earlier day of the catch-up that some
 * mall's coverage lacks, newest first.
 */
export function planNight(input: NightPlanInput): readonly PlannedSync[] {
  const takers = new Map(DOMAIN_TYPES.map((domainType) => [domainType, listTakers(input, domainType)]));
  const nightly = DOMAIN_TYPES.map((domainType) => ({
    kind: 'nightly' as const,
    domainType,
    period: buildDaysBefore(input.scheduledAtMs, input.lookbackDays[domainType] + 1),
    mallIds: takers.get(domainType) ?? [],
  }));
  const catchUp = listCatchUpDays(input).flatMap(({ daysBack, period }) =>
    DOMAIN_TYPES.filter((domainType) => daysBack > input.lookbackDays[domainType]).map((domainType) => ({
      kind: 'catch-up' as const,
      domainType,
      period,
      mallIds: (takers.get(domainType) ?? []).filter((mallId) => !covers(input.coverageOf(mallId, domainType), period)),
    })),
  );
  return [...nightly, ...catchUp].filter(({ mallIds }) => mallIds.length > 0);
}

function listTakers(input: NightPlanInput, domainType: DomainType): readonly number[] {
  return input.malls
    .filter((mall) => mall.active && mall.domainTypes.includes(domainType))
    .map(({ mallId }) => mallId)
    .sort((a, b) => a - b);
}

/** `daysBack` counts from the night's own day. */
function listCatchUpDays({
  scheduledAtMs,
  catchUpDays,
}: NightPlanInput): readonly { readonly daysBack: number; readonly period: Period }[] {
  return Array.from({ length: catchUpDays }, (_, index) => ({
    daysBack: index + 1,
    period: buildDaysBefore(scheduledAtMs - (index + 1) * DAY_MS, 1),
  }));
}

function covers(coverage: readonly TimeRange[], period: TimeRange): boolean {
  let coveredUntilMs = period.fromMs;
  for (const range of [...coverage].sort((a, b) => a.fromMs - b.fromMs)) {
    if (range.fromMs <= coveredUntilMs) coveredUntilMs = Math.max(coveredUntilMs, range.untilMs);
  }
  return coveredUntilMs >= period.untilMs;
}

import type { DomainType } from './domain-type.ts';
import { DOMAIN_TYPES } from './domain-type.ts';
import type { Mall } from './mall.ts';
import type { Period } from './period.ts';
import { DAY_MS, startOfSeoulDay, toSeoulTime } from './seoul-time.ts';

export interface RereadPlanInput {
  /** Everything before the Seoul day that holds this moment is read. */
  readonly scheduledAtMs: number;
  /** Inactive malls are left out. */
  readonly malls: readonly Pick<Mall, 'mallId' | 'active' | 'domainTypes'>[];
  /** When what is covered of a mall and domain type begins; null where nothing is, and the mall is left out. */
  firstCoveredMs(mallId: number, domainType: DomainType): number | null;
}

/** One domain type for the malls whose first day is the same. */
export interface PlannedReread {
  readonly domainType: DomainType;
  readonly period: Period;
  /** Ascending, never empty. */
  readonly mallIds: readonly number[];
}

/** All that was ever read, once more: by domain type, and within it the longest period first. */
export function planReread(input: RereadPlanInput): readonly PlannedReread[] {
  const untilMs = startOfSeoulDay(input.scheduledAtMs);
  return DOMAIN_TYPES.flatMap((domainType) => {
    const starts = input.malls
      .filter((mall) => mall.active && mall.domainTypes.includes(domainType))
      .flatMap(({ mallId }) => {
        const firstMs = input.firstCoveredMs(mallId, domainType);
        return firstMs === null ? [] : [{ mallId, fromMs: startOfSeoulDay(firstMs) }];
      });
    const groups = Map.groupBy(starts, ({ fromMs }) => fromMs);
    return [...groups]
      .filter(([fromMs]) => untilMs - fromMs >= DAY_MS)
      .sort(([a], [b]) => a - b)
      .map(([fromMs, group]) => ({
        domainType,
        period: { startDate: toSeoulTime(fromMs), endDate: toSeoulTime(untilMs), fromMs, untilMs },
        mallIds: group.map(({ mallId }) => mallId).sort((a, b) => a - b),
      }));
  });
}

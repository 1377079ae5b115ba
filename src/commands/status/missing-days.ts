import type { Coverage } from '../../adapters/postgres/coverage-reader.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import type { Mall } from '../../domain/mall.ts';
import type { TimeRange } from '../../domain/period.ts';
import { splitAtSeoulDays } from '../../domain/period.ts';
import { toSeoulDay } from '../../domain/seoul-time.ts';

/** What a mall's domain type lacks, by days of Asia/Seoul. */
export interface MissingDays {
  readonly mallId: number;
  readonly domainType: DomainType;
  /** Days that are not covered from end to end. */
  readonly missing: readonly string[];
  /** Covered days that hold rejected rows. */
  readonly withRejects: readonly string[];
}

/** Malls and domain types that lack something within the time, in order of mall and domain type. */
export function listMissingDays(
  malls: readonly Pick<Mall, 'mallId' | 'domainTypes'>[],
  coverage: readonly Coverage[],
  within: TimeRange,
): readonly MissingDays[] {
  const known = new Map(coverage.map((each) => [`${each.mallId} ${each.domainType}`, each]));
  const days = splitAtSeoulDays(within);
  return malls.flatMap(({ mallId, domainTypes }) =>
    domainTypes
      .map((domainType): MissingDays => {
        const { covered = [], withRejects = [] } = known.get(`${mallId} ${domainType}`) ?? {};
        const missing = days.filter(
          (day) => !covered.some((range) => range.fromMs <= day.fromMs && range.untilMs >= day.untilMs),
        );
        const rejecting = days.filter((day) =>
          withRejects.some((range) => range.fromMs < day.untilMs && range.untilMs > day.fromMs),
        );
        return {
          mallId,
          domainType,
          missing: missing.map(toDay),
          withRejects: rejecting.filter((day) => !missing.includes(day)).map(toDay),
        };
      })
      .filter(({ missing, withRejects }) => missing.length + withRejects.length > 0),
  );
}

function toDay({ fromMs }: TimeRange): string {
  return toSeoulDay(fromMs);
}

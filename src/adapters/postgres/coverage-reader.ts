import { sql } from 'slonik';
import { z } from 'zod';
import type { DomainType } from '../../domain/domain-type.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import type { TimeRange } from '../../domain/period.ts';
import type { QueryPool } from './pool.ts';

export interface Coverage {
  readonly mallId: number;
  readonly domainType: DomainType;
  /** Ascending and disjoint. */
  readonly covered: readonly TimeRange[];
  /** The part of it that holds rejected rows. */
  readonly withRejects: readonly TimeRange[];
}

const ranges = z
  .array(z.tuple([z.number(), z.number()]))
  .transform((pairs) => pairs.map(([fromMs, untilMs]): TimeRange => ({ fromMs, untilMs })));

const coverageRow = z
  .object({ mall_id: z.number(), domain_type: z.enum(DOMAIN_TYPES), covered: ranges, with_rejects: ranges })
  .transform((row): Coverage => ({
    mallId: row.mall_id,
    domainType: row.domain_type,
    covered: row.covered,
    withRejects: row.with_rejects,
  }));

/** What complete windows cover of `within`; `mallIds` null means every mall. Pairs never read are absent. */
export async function loadCoverage(
  pool: QueryPool,
  within: TimeRange,
  mallIds: readonly number[] | null = null,
): Promise<readonly Coverage[]> {
  const asked = sql.fragment`tstzmultirange(tstzrange(to_timestamp(${within.fromMs}::float8 / 1000),
    to_timestamp(${within.untilMs}::float8 / 1000)))`;
  const toPairs = (column: string) => sql.fragment`(
    select coalesce(jsonb_agg(jsonb_build_array((extract(epoch from lower(piece)) * 1000)::bigint,
      (extract(epoch from upper(piece)) * 1000)::bigint) order by piece), '[]')
    from unnest(${sql.identifier([column])} * ${asked}) as piece)`;
  return await pool.any(sql.type(coverageRow)`
    select mall_id, domain_type, ${toPairs('covered')} as covered, ${toPairs('with_rejects')} as with_rejects
    from mallsync.tb_coverage
    where ${mallIds === null}::boolean or mall_id = any(${sql.array([...(mallIds ?? [])], 'int8')})
    order by mall_id, domain_type`);
}

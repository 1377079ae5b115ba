import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import type { DomainType } from '../../domain/domain-type.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import type { TimeRange } from '../../domain/period.ts';
import type { QueryPool } from './pool.ts';
import { toRange } from './range-sql.ts';

export interface Coverage {
  readonly mallId: number;
  readonly domainType: DomainType;
  /** Ascending and disjoint. */
  readonly covered: readonly TimeRange[];
  /** The part of it that holds rejected rows. */
  readonly withRejects: readonly TimeRange[];
}

/** Of a column of `toPieces`. */
export const timeRanges = z
  .array(z.tuple([z.number(), z.number()]))
  .transform((pairs) => pairs.map(([fromMs, untilMs]): TimeRange => ({ fromMs, untilMs })));

const coverageRow = z
  .object({ mall_id: z.number(), domain_type: z.enum(DOMAIN_TYPES), covered: timeRanges, with_rejects: timeRanges })
  .transform((row): Coverage => ({
    mallId: row.mall_id,
    domainType: row.domain_type,
    covered: row.covered,
    withRejects: row.with_rejects,
  }));

/** The parts of a coverage column within a range, as `timeRanges` reads them. */
export function toPieces(column: 'covered' | 'with_rejects', within: TimeRange): FragmentSqlToken {
  return sql.fragment`(
    select coalesce(jsonb_agg(jsonb_build_array((extract(epoch from lower(piece)) * 1000)::bigint,
      (extract(epoch from upper(piece)) * 1000)::bigint) order by piece), '[]')
    from unnest(${sql.identifier([column])} * tstzmultirange(${toRange(within)})) as piece)`;
}

/** What complete windows cover of `within`; `mallIds` null means every mall. Pairs never read are absent. */
export async function loadCoverage(
  pool: QueryPool,
  within: TimeRange,
  mallIds: readonly number[] | null = null,
): Promise<readonly Coverage[]> {
  return await pool.any(sql.type(coverageRow)`
    select mall_id, domain_type, ${toPieces('covered', within)} as covered, ${toPieces('with_rejects', within)} as with_rejects
    from mallsync.tb_coverage
    where ${mallIds === null}::boolean or mall_id = any(${sql.array([...(mallIds ?? [])], 'int8')})
    order by mall_id, domain_type`);
}

import { sql } from 'slonik';
import type { Queries, QueryPool } from '../pool.ts';
import type { RunSort } from './run-cursor.ts';
import { collectOfPeriods, gatherRuns, walkPeriods, walkRuns, type PickedRun, type PickRange } from './run-pick.ts';
import { IS_OF_PERIOD, toPeriodTable, type RunPeriod } from './run-period.ts';
import type { RunScope } from './run-scope.ts';
import { NEWEST_FIRST, ORDERS, RANKS, toPlace } from './run-sort.ts';

/** So many periods hold few enough executions to be gathered. */
const FEW_PERIODS = 30;

/** The rows of a page, the nearest to the range's place first. */
export async function pickRuns(
  pool: QueryPool,
  scope: RunScope,
  sort: RunSort,
  range: PickRange,
): Promise<readonly PickedRun[]> {
  if (isEmpty(scope)) return [];
  if (scope.isRare) return await gatherRuns(pool, scope, toPlace(sort), range);
  if (sort === 'failedFirst') return await pickByRank(pool, scope, range);
  if (sort === 'newest') return await pickNewest(pool, scope, range);
  return await pickSorted(pool, scope, sort, range);
}

/** Up to `limit` of the matches. */
export async function pickRunIds(pool: QueryPool, scope: RunScope, limit: number): Promise<readonly number[]> {
  if (isEmpty(scope)) return [];
  const { periods } = scope;
  if (periods !== null && isSpread(scope, periods)) return await collectOfPeriods(pool, { ...scope, periods }, limit);
  const picked = await pickRuns(pool, scope, 'newest', { from: null, isBackward: false, limit });
  return picked.map(({ executionId }) => executionId);
}

function isEmpty({ statuses, periods }: RunScope): boolean {
  return statuses.length === 0 || periods?.length === 0;
}

async function pickNewest(pool: Queries, scope: RunScope, range: PickRange): Promise<readonly PickedRun[]> {
  const { periods } = scope;
  if (scope.isUnmended) return await gatherRuns(pool, scope, NEWEST_FIRST.place, range);
  if (periods === null || !isSpread(scope, periods)) return await walkRuns(pool, scope, NEWEST_FIRST, range);
  return await walkPeriods(pool, { ...scope, periods }, NEWEST_FIRST, range);
}

/**
 * Whether the matches are best looked for period by period. What went wrong has an index to walk along; of a trigger a
 * period has all of its runs or none, so that many periods could be searched in vain.
 */
function isSpread({ statuses, triggers }: RunScope, periods: readonly RunPeriod[]): boolean {
  return statuses.includes('COMPLETED') && (triggers === null || periods.length <= FEW_PERIODS);
}

/** By something else than time, which what is rare may lie at the far end of. */
async function pickSorted(
  pool: Queries,
  scope: RunScope,
  sort: Exclude<RunSort, 'failedFirst'>,
  range: PickRange,
): Promise<readonly PickedRun[]> {
  if (!scope.statuses.includes('COMPLETED')) return await gatherRuns(pool, scope, toPlace(sort), range);
  const { periods, conditions } = scope;
  if (periods === null || periods.length > FEW_PERIODS) return await walkRuns(pool, scope, ORDERS[sort], range);
  const isOfOne = sql.fragment`exists (select from ${toPeriodTable(periods)} where ${IS_OF_PERIOD})`;
  return await gatherRuns(pool, { ...scope, conditions: [...conditions, isOfOne] }, toPlace(sort), range);
}

/** One rank after the other until the page is full, all of them as they were at one moment. */
async function pickByRank(pool: QueryPool, scope: RunScope, range: PickRange): Promise<readonly PickedRun[]> {
  return await pool.transaction(async (transaction) => {
    await transaction.query(sql.unsafe`set transaction isolation level repeatable read, read only`);
    const picked: PickedRun[] = [];
    for (const rank of listRanks(range)) {
      const missing = range.limit - picked.length;
      if (missing === 0) break;
      const [of, ...rest] = range.from ?? [];
      const from = of === rank ? rest : null;
      const found = await pickOfRank(transaction, scope, rank, { ...range, from, limit: missing });
      picked.push(...found.map((run) => ({ ...run, place: [rank, ...run.place] })));
    }
    return picked;
  });
}

function listRanks({ from, isBackward }: PickRange): readonly number[] {
  const ranks = [...RANKS.keys()];
  const first = from?.[0];
  if (isBackward) return ranks.filter((rank) => first === undefined || rank <= first).toReversed();
  return ranks.filter((rank) => first === undefined || rank >= first);
}

async function pickOfRank(
  pool: Queries,
  scope: RunScope,
  rank: number,
  range: PickRange,
): Promise<readonly PickedRun[]> {
  const of = RANKS[rank];
  const statuses = scope.statuses.filter((status) => of?.statuses.includes(status));
  if (of === undefined || statuses.length === 0) return [];
  if (scope.isUnmended) return of.isUnmended ? await pickNewest(pool, scope, range) : [];
  const conditions = [...scope.conditions, of.condition];
  return await pickNewest(pool, { ...scope, statuses, conditions, isUnmended: of.isUnmended }, range);
}

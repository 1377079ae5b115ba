import { sql } from 'slonik';
import type { QueryPool } from '../pool.ts';
import { parseRunCursor, toCursorText, type RunCursor, type RunSort } from './run-cursor.ts';
import type { RunFilter } from './run-filter.ts';
import type { PickedRun, PickRange } from './run-pick.ts';
import { pickRunIds, pickRuns } from './run-plan.ts';
import { RUN_COLUMNS, runRow, type RunRow } from './run-row.ts';
import { loadRunScope } from './run-scope.ts';

export type { RunSort } from './run-cursor.ts';
export type { RunFilter } from './run-filter.ts';
export type { RunRow } from './run-row.ts';

export interface RunListOrder {
  readonly sort: RunSort;
  readonly cursor?: string;
  /** At most 200. */
  readonly limit: number;
}

export interface RunPage {
  readonly rows: readonly RunRow[];
  /** Cursors of the neighbouring pages, null where there is none. */
  readonly next: string | null;
  readonly previous: string | null;
}

/** One page. @throws TerminalError ConfigInvalid naming the cursor when it is none of this sort */
export async function listRuns(pool: QueryPool, filter: RunFilter, order: RunListOrder): Promise<RunPage> {
  const { sort, limit } = order;
  const cursor = order.cursor === undefined ? null : parseRunCursor(order.cursor, sort);
  const range = { from: cursor?.place ?? null, isBackward: cursor?.side === 'previous', limit: limit + 1 };
  const picked = await pickRuns(pool, await loadRunScope(pool, filter), sort, range);
  const page = picked.slice(0, limit);
  const shown = range.isBackward ? page.toReversed() : page;
  return { rows: await loadRows(pool, shown), ...toNeighbours(shown, sort, range, picked.length > limit) };
}

/** For what is done to all that match: up to `limit` of them, by falling number. */
export async function listRunIds(pool: QueryPool, filter: RunFilter, limit: number): Promise<readonly number[]> {
  const ids = await pickRunIds(pool, await loadRunScope(pool, filter), limit);
  return ids.toSorted((a, b) => b - a);
}

/** In the order that they were picked in; what was pruned meanwhile is left out. */
async function loadRows(pool: QueryPool, picked: readonly PickedRun[]): Promise<readonly RunRow[]> {
  if (picked.length === 0) return [];
  const ids = picked.map(({ executionId }) => executionId);
  const rows = await pool.any(sql.type(runRow)`
    select ${RUN_COLUMNS} from mallsync.tb_batch_execution_summary execution
    left join mallsync.tb_mall_config mall on mall.mall_id = execution.mall_id
    where execution.execution_id = any(${sql.array(ids, 'int8')})`);
  const byId = new Map(rows.map((row) => [row.executionId, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Whoever came from one side knows that there is a page on it. */
function toNeighbours(
  shown: readonly PickedRun[],
  sort: RunSort,
  { from, isBackward }: PickRange,
  hasMore: boolean,
): Pick<RunPage, 'next' | 'previous'> {
  const toText = (side: RunCursor['side'], run: PickedRun | undefined) =>
    run === undefined ? null : toCursorText({ sort, side, place: [...run.place] });
  return {
    next: isBackward || hasMore ? toText('next', shown.at(-1)) : null,
    previous: (isBackward ? hasMore : from !== null) ? toText('previous', shown[0]) : null,
  };
}

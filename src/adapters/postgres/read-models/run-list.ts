import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import type { QueryPool } from '../pool.ts';
import { parseRunCursor, toCursorText, type RunCursor, type RunSort } from './run-cursor.ts';
import { HAS_FAILED, IS_TAKEN_UP, toRunConditions, type RunFilter } from './run-filter.ts';
import { RUN_COLUMNS, runRow, type RunRow } from './run-row.ts';
import { loadRunSearch, toSearchArms } from './run-search.ts';

export type { RunSort } from './run-cursor.ts';
export type { RunFilter } from './run-filter.ts';
export type { RunRow } from './run-row.ts';

export interface RunOrder {
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

interface SortKey {
  readonly value: FragmentSqlToken;
  readonly isAscending: boolean;
}

const ID: SortKey = { value: sql.fragment`execution.execution_id`, isAscending: false };
const REQUESTED: SortKey = {
  value: sql.fragment`(extract(epoch from execution.requested_at) * 1000000)::bigint`,
  isAscending: false,
};
const RANK: SortKey = {
  value: sql.fragment`case when ${HAS_FAILED} and not ${IS_TAKEN_UP} then 0
    when execution.status in ('REQUESTED', 'RUNNING', 'WAITING') then 1
    when execution.status = 'COMPLETED_WITH_REJECTS' then 2 else 3 end`,
  isAscending: true,
};

const SORT_KEYS: Readonly<Record<RunSort, readonly SortKey[]>> = {
  newest: [REQUESTED, ID],
  failedFirst: [RANK, REQUESTED, ID],
  duration: [
    {
      value: sql.fragment`coalesce((extract(epoch from execution.ended_at - execution.started_at) * 1000)::bigint, -1)`,
      isAscending: false,
    },
    ID,
  ],
  rows: [
    {
      value: sql.fragment`case when execution.ended_at is null then -1 else execution.read end`,
      isAscending: false,
    },
    ID,
  ],
  mall: [{ value: sql.fragment`execution.mall_id`, isAscending: true }, ID],
};

/** One page. @throws TerminalError ConfigInvalid naming the cursor when it is none of this sort */
export async function listRuns(pool: QueryPool, filter: RunFilter, order: RunOrder): Promise<RunPage> {
  const { sort, limit } = order;
  const cursor = order.cursor === undefined ? null : parseRunCursor(order.cursor, sort);
  const isBackward = cursor?.side === 'previous';
  const keys = SORT_KEYS[sort];
  const conditions = await loadConditions(pool, filter);
  if (cursor !== null) conditions.push(toKeyset(keys, cursor));
  const found = await pool.any(sql.type(
    z
      .looseObject({ sort_values: z.array(z.int()) })
      .transform((row) => ({ run: runRow.parse(row), values: row.sort_values })),
  )`
    select ${RUN_COLUMNS}, array[${sql.join(
      keys.map(({ value }) => value),
      sql.fragment`, `,
    )}]::bigint[] as sort_values
    from mallsync.tb_batch_execution_summary execution
    left join mallsync.tb_mall_config mall on mall.mall_id = execution.mall_id
    where ${sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `)}
    order by ${toOrder(keys, isBackward)} limit ${limit + 1}`);
  const page = found.slice(0, limit);
  const rows = isBackward ? page.toReversed() : page;
  const hasMore = found.length > limit;
  const toText = (side: RunCursor['side'], values: readonly number[] | undefined) =>
    values === undefined ? null : toCursorText({ sort, side, values: [...values] });
  return {
    rows: rows.map(({ run }) => run),
    next: isBackward || hasMore ? toText('next', rows.at(-1)?.values) : null,
    previous: (isBackward ? hasMore : cursor !== null) ? toText('previous', rows[0]?.values) : null,
  };
}

/** The newest first: for what is done to all that match. */
export async function listRunIds(pool: QueryPool, filter: RunFilter, limit: number): Promise<readonly number[]> {
  const conditions = await loadConditions(pool, filter);
  return await pool.anyFirst(sql.type(z.object({ execution_id: z.int() }))`
    select execution.execution_id from mallsync.tb_batch_execution_summary execution
    where ${sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `)}
    order by execution.requested_at desc, execution.execution_id desc limit ${limit}`);
}

async function loadConditions(pool: QueryPool, filter: RunFilter): Promise<FragmentSqlToken[]> {
  const search = filter.search === undefined ? null : await loadRunSearch(pool, filter.search);
  const arms = search === null ? [] : [sql.fragment`(${sql.join([...toSearchArms(search)], sql.fragment` or `)})`];
  return [...toRunConditions(filter), ...arms];
}

function toOrder(keys: readonly SortKey[], isBackward: boolean): FragmentSqlToken {
  return sql.fragment`${sql.join(
    keys.map(({ value, isAscending }) =>
      isAscending === isBackward ? sql.fragment`${value} desc` : sql.fragment`${value} asc`,
    ),
    sql.fragment`, `,
  )}`;
}

/** Behind or before the cursor's place, key by key. */
function toKeyset(keys: readonly SortKey[], { values, side }: RunCursor): FragmentSqlToken {
  const steps = keys.map(({ value, isAscending }, index) => {
    const equal = keys.slice(0, index).map((key, at) => sql.fragment`${key.value} = ${values[at] ?? 0}`);
    const place = values[index] ?? 0;
    const beyond =
      isAscending === (side === 'next') ? sql.fragment`${value} > ${place}` : sql.fragment`${value} < ${place}`;
    return sql.fragment`(${sql.join([...equal, beyond], sql.fragment` and `)})`;
  });
  return sql.fragment`(${sql.join(steps, sql.fragment` or `)})`;
}

import type { ClientBase } from 'pg';
import type { WindowBounds } from '../../domain/window.ts';
import { buildKeyArray, toArrayType } from './column-array.ts';
import { toTimestamp } from './copy-page.ts';
import type { DatasetStore, WriteContext } from './dataset-store.ts';
import type { DatasetStoreOptions } from './dataset-writer-rows.ts';
import type { KeyValue } from './copy-encoder.ts';
import { toSchema } from './schema-name.ts';
import type { Table, Timeline } from './table.ts';
import { keyColumnsOf } from './upsert-sql.ts';

interface MissingSql {
  /** `$2` shop, `$3` and `$4` bounds, `$5` observed at → the keys that are stored and not yet missing. */
  readonly list: string;
  /** `$2`… key columns: locks the rows in the order in which every writer locks them. */
  readonly lock: string;
  /** `$2` observed at, `$3` execution, `$4`… key columns, both for the table and its child. */
  readonly mark: readonly string[];
}

/**
 * Only windows of the table's own date say which rows belong to them for good; by any other date (a login, a payment) a
 * row may have moved to another window, so nothing is concluded from its absence.
 */
export function createMissingMarker(options: DatasetStoreOptions): DatasetStore<unknown>['markMissing'] {
  const { table, hashKey } = options;
  const { timeline } = table;
  if (timeline === null) return () => Promise.resolve(0);
  const sql = buildMissingSql(table, options.child, timeline, options.schema);
  const keys = keyColumnsOf(table);
  return async (client, context, window, keyHashes) => {
    if (window.dateType !== timeline.dateType) return 0;
    const seen = new Set(keyHashes);
    const stored = await listStored(client, sql, context, window);
    const missing = stored.filter((row) => !seen.has(hashKey(row.join('|'))));
    if (missing.length === 0) return 0;
    const columns = keys.map((key, index) =>
      buildKeyArray(
        key.type,
        missing.map((row) => row[index] ?? ''),
      ),
    );
    await client.query(sql.lock, [context.mallId, ...columns]);
    const parameters = [context.mallId, toTimestamp(context.observedAtMs), context.executionId, ...columns];
    let marked = 0;
    for (const [index, statement] of sql.mark.entries()) {
      const { rowCount } = await client.query(statement, parameters);
      if (index === 0) marked = rowCount ?? 0;
    }
    return marked;
  };
}

async function listStored(
  client: ClientBase,
  sql: MissingSql,
  context: WriteContext,
  window: WindowBounds,
): Promise<readonly (readonly KeyValue[])[]> {
  const answer = await client.query<KeyValue[]>({
    text: sql.list,
    values: [
      context.mallId,
      window.shopNo,
      toTimestamp(window.fromMs),
      toTimestamp(window.untilMs),
      toTimestamp(context.observedAtMs),
    ],
    rowMode: 'array',
  });
  return answer.rows;
}

function buildMissingSql(table: Table, child: Table | null, timeline: Timeline, schema: string): MissingSql {
  const keys = keyColumnsOf(table);
  const listed = keys.map(({ name, type }) => (type === 'date' ? `to_char(t.${name}, 'YYYY-MM-DD')` : `t.${name}`));
  const list = `select ${listed.join(', ')} from mallsync.${table.name} t
    where t.mall_id = $1 and t.shop_no = $2::integer and ${timeline.reach}
      and ${timeline.instant} >= $3::timestamptz and ${timeline.instant} < $4::timestamptz
      and t.missing_since is null and t.observed_at <= $5::timestamptz`;
  const toArrays = (first: number): string =>
    keys.map((key, index) => `$${index + first}::${toArrayType(key.type)}[]`).join(', ');
  const names = table.keyColumns.join(', ');
  const order = keys.map(({ name, type }) => (type === 'text' ? `${name} collate "C"` : name)).join(', ');
  const match = keys.map(({ name, type }) => `t.${name} = s.${name}${type === 'date' ? '::date' : ''}`).join(' and ');
  const lock = `select from (select * from unnest(${toArrays(2)}) as k(${names}) order by ${order} offset 0) s
    cross join lateral (
      select from mallsync.${table.name} t where t.mall_id = $1 and ${match} for no key update) t`;
  const mark = [table, ...(child === null ? [] : [child])].map(
    (one) => `update mallsync.${one.name} t set missing_since = $2::timestamptz, changed_execution_id = $3::bigint
      from unnest(${toArrays(4)}) as s(${names})
      where t.mall_id = $1 and ${match} and t.missing_since is null and t.observed_at <= $2::timestamptz`,
  );
  return {
    list: toSchema(list, schema),
    lock: toSchema(lock, schema),
    mark: mark.map((statement) => toSchema(statement, schema)),
  };
}

import type { Pipeline, PipelineMall } from './pipeline.ts';

type ApiRow = Readonly<Record<string, unknown>>;
export type StoredRow = Readonly<Record<string, string | null>>;

interface ColumnInfo {
  readonly column_name: string;
  readonly data_type: string;
}

/** Columns that say how and when a row came, not what it is. */
const BOOKKEEPING = new Set([
  'mall_id',
  'observed_at',
  'first_execution_id',
  'changed_execution_id',
  'content_hash',
  'missing_since',
]);

/** One spelling for each value, whether it comes from the API or from PostgreSQL. */
const SPELLINGS: Readonly<Record<string, string>> = {
  integer: '::text',
  bigint: '::text',
  numeric: '::numeric(30, 6)::text',
  boolean: '::text',
  date: '::text',
  'timestamp with time zone': ' at time zone $$utc$$',
  text: '::text',
  ARRAY: '',
  jsonb: '::text',
};

export async function listColumns({ db }: Pick<Pipeline, 'db'>, table: string): Promise<readonly ColumnInfo[]> {
  const columns = await db.query<ColumnInfo & Record<string, unknown>>(
    `select column_name, data_type from information_schema.columns
     where table_schema = 'mallsync' and table_name = $1 order by ordinal_position`,
    [table],
  );
  return columns.filter(({ column_name: name }) => !BOOKKEEPING.has(name));
}

/** The stored rows of a mall in key order, every column but the bookkeeping as text. */
export async function listStoredRows(
  world: Pick<Pipeline, 'db'>,
  { mallId }: PipelineMall,
  table: string,
  orderBy: string,
): Promise<readonly StoredRow[]> {
  const columns = await listColumns(world, table);
  const cells = columns.map(({ column_name: name, data_type: type }) =>
    type === 'ARRAY'
      ? `to_json("${name}")::text as "${name}"`
      : `("${name}"${SPELLINGS[type] ?? ''})::text as "${name}"`,
  );
  return await world.db.query<StoredRow & Record<string, string | null>>(
    `select ${cells.join(', ')} from mallsync.${table} where mall_id = $1 order by ${orderBy}`,
    [mallId],
  );
}

const ROWS_A_QUERY = 200;

/**
 * What rows of the API must be stored as, by the column types alone. The database itself spells the values, so that
 * only what a value means is compared.
 */
export async function toExpectedRows(
  { db }: Pick<Pipeline, 'db'>,
  columns: readonly ColumnInfo[],
  rows: readonly ApiRow[],
): Promise<readonly StoredRow[]> {
  const expected: StoredRow[] = [];
  const cells = columns.map(({ column_name: name, data_type: type }) =>
    type === 'ARRAY'
      ? `"${name}"::json::text as "${name}"`
      : `("${name}"::${type}${SPELLINGS[type] ?? ''})::text as "${name}"`,
  );
  const names = columns.map(({ column_name: name }) => `"${name}"`).join(', ');
  for (let at = 0; at < rows.length; at += ROWS_A_QUERY) {
    const values = rows
      .slice(at, at + ROWS_A_QUERY)
      .map((row) => columns.map(({ column_name: name, data_type: type }) => toInput(type, findValue(row, name))));
    const tuples = values.map((row, n) => `(${row.map((_, m) => `$${n * columns.length + m + 1}::text`).join(', ')})`);
    expected.push(
      ...(await db.query<StoredRow & Record<string, string | null>>(
        `select ${cells.join(', ')} from (values ${tuples.join(', ')}) as input (${names})`,
        values.flat(),
      )),
    );
  }
  return expected;
}

/** Amount objects are flattened: `initial_x` is `x` of `initial_order_amount`. */
function findValue(row: ApiRow, column: string): unknown {
  const [, prefix = '', rest = ''] = /^(initial|actual)_(.+)$/.exec(column) ?? [];
  const amounts = row[`${prefix}_order_amount`];
  if (typeof amounts === 'object' && amounts !== null) return new Map(Object.entries(amounts)).get(rest);
  return row[column];
}

function toInput(type: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (type === 'jsonb') return value === '' ? null : JSON.stringify(value);
  if (type === 'ARRAY') return value === '' ? null : JSON.stringify(Array.isArray(value) ? value : [value]);
  if (typeof value !== 'string') return JSON.stringify(value);
  if (value === '') return type === 'text' ? '' : null;
  if (type === 'timestamp with time zone' && !/[+-]\d\d:?\d\d$|Z$/.test(value)) return `${value}+09:00`;
  return value;
}

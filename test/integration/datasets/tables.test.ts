import { beforeAll, describe, expect, it } from 'vitest';
import { BOOKKEEPING_COLUMNS, COLUMN_TYPES, type Table } from '../../../src/adapters/postgres/table.ts';
import { CATALOG } from '../../../src/datasets/catalog.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const TABLES: readonly Table[] = Object.values(CATALOG).flatMap(({ mapping }) =>
  mapping.child === null ? [mapping.table] : [mapping.table, mapping.child.table],
);

const SQL_NAMES: Readonly<Record<string, string>> = {
  timestamptz: 'timestamp with time zone',
  'text[]': 'ARRAY of text',
};

function describeColumns(table: Table): Record<string, string> {
  const typeOf = (name: string): string => SQL_NAMES[name] ?? name;
  const own = table.columns.map((column) => [column.name, typeOf(COLUMN_TYPES[column.type])]);
  const kept = Object.entries(BOOKKEEPING_COLUMNS).map(([name, type]) => [name, typeOf(type)]);
  return Object.fromEntries([['mall_id', 'bigint'], ...kept, ...own, ['extra', 'jsonb']]) as Record<string, string>;
}

describe('the migrated tables', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });

  it.each(TABLES.map((table) => [table.name, table] as const))(
    '%s has the columns that are described',
    async (name, table) => {
      const rows = await test.query<{ name: string; type: string }>(
        `select column_name as name, case data_type when 'ARRAY' then 'ARRAY of ' || ltrim(udt_name, '_') else data_type end as type
       from information_schema.columns where table_schema = 'mallsync' and table_name = $1`,
        [name],
      );
      expect(Object.fromEntries(rows.map((row) => [row.name, row.type]))).toEqual(describeColumns(table));
    },
  );

  it.each(TABLES.map((table) => [table.name, table] as const))(
    '%s has the described key, mall first',
    async (name, table) => {
      const rows = await test.query<{ name: string }>(
        `select a.attname as name from pg_index i
       join lateral unnest(i.indkey::int2[]) with ordinality as k(attnum, n) on true
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
       where i.indrelid = ('mallsync.' || $1)::regclass and i.indisprimary order by k.n`,
        [name],
      );
      expect(rows.map((row) => row.name)).toEqual(['mall_id', ...table.keyColumns]);
    },
  );

  it('hold no column for where refunds go', async () => {
    const rows = await test.query(
      `select column_name from information_schema.columns where table_schema = 'mallsync' and column_name like 'refund_bank%'`,
    );
    expect(rows).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import { CATALOG } from '../../../src/datasets/catalog.ts';
import { createTestDatabase } from '../../support/database.ts';

const db = await createTestDatabase();

/**
 * A data table holds rows of malls as they were observed at the API, and says so by these columns; what the program
 * keeps for itself is not among them.
 */
const DATA_TABLES = `select c.oid, c.relname::text as name from pg_class c
  where c.relnamespace = 'mallsync'::regnamespace and c.relkind in ('r', 'p') and not exists (
    select from unnest('{mall_id,observed_at,content_hash}'::name[]) as wanted
    where not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = wanted))`;

async function listDataTables(): Promise<readonly string[]> {
  const rows = await db.query<{ name: string }>(`select name from (${DATA_TABLES}) as data order by name`);
  return rows.map(({ name }) => name);
}

test('the data tables are those that the domain types describe', async () => {
  const described = Object.values(CATALOG).flatMap(({ mapping: { table, child } }) => [
    table.name,
    ...(child === null ? [] : [child.table.name]),
  ]);
  expect(await listDataTables()).toEqual(described.toSorted());
});

/** What would have to be unique over all malls, or leads with something else. */
const STRAYS = `select data.name, (select relname::text from pg_class where oid = i.indexrelid) as index from (${DATA_TABLES}) as data
  join pg_index i on i.indrelid = data.oid
  where (i.indisunique or i.indisprimary or i.indisexclusion)
    and (select attname from pg_attribute where attrelid = i.indrelid and attnum = i.indkey[0]) is distinct from 'mall_id'`;

/** Foreign keys from or to a data table that do not carry the mall, and columns that one sequence numbers for all. */
const TIES = `select data.name, conname::text as tie from (${DATA_TABLES}) as data
    join pg_constraint on contype = 'f' and (conrelid = data.oid or confrelid = data.oid)
  union all select data.name, attname::text from (${DATA_TABLES}) as data
    join pg_attribute on attrelid = data.oid and attnum > 0 and (attidentity <> '' or attgenerated <> '')
  union all select data.name, tgname::text from (${DATA_TABLES}) as data
    join pg_trigger on tgrelid = data.oid and not tgisinternal`;

test('every key and unique index of a data table leads with the mall, and nothing ties one to another table', async () => {
  const [keys] = await db.query<{ tables: number; keys: number }>(
    `select count(distinct data.oid)::integer as tables, count(*)::integer as keys from (${DATA_TABLES}) as data
     join pg_index i on i.indrelid = data.oid and i.indisprimary`,
  );
  const { length } = await listDataTables();
  expect(keys).toEqual({ tables: length, keys: length });
  expect(await db.query(STRAYS)).toEqual([]);
  expect(await db.query(TIES)).toEqual([]);
});

test('an index that forgot the mall, a foreign key and a numbered column would be found', async () => {
  await db.query(`create table mallsync.tb_stray (id bigint generated always as identity primary key, mall_id bigint
    references mallsync.tb_mall_config, observed_at timestamptz, content_hash bigint)`);
  expect(await listDataTables()).toContain('tb_stray');
  expect(await db.query(STRAYS)).toEqual([{ name: 'tb_stray', index: 'tb_stray_pkey' }]);
  expect(await db.query(TIES)).toEqual([
    { name: 'tb_stray', tie: 'tb_stray_mall_id_fkey' },
    { name: 'tb_stray', tie: 'id' },
  ]);
  await db.query('drop table mallsync.tb_stray');
});

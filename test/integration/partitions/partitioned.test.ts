import { describe, expect, test, vi } from 'vitest';
import { DOMAIN_TYPES } from '../../../src/domain/domain-type.ts';
import type { RowEditInput } from '../../../src/simulator/row-edit-schema.ts';
import { readSqlBlock } from '../../support/document-sql.ts';
import { DAY, openPipeline, type Pipeline, type PipelineMall } from '../../support/pipeline.ts';
import { expectTruth } from '../../support/truth.ts';

vi.setConfig({ testTimeout: 120_000 });

const DATA_TABLES = ['tb_member', 'tb_order', 'tb_order_item', 'tb_sales_hourly'] as const;
const MALLS = 6;
const RUN = ['run', '--json', '--start', DAY.startDate, '--end', DAY.endDate, '--page-size', '50', '--threads', '1'];

/** Two of the same: what one simulator answers, the other does. */
interface Side extends Pipeline {
  readonly malls: readonly PipelineMall[];
}

async function openSide(): Promise<Side> {
  const pipeline = await openPipeline();
  const malls: PipelineMall[] = [];
  for (let n = 0; n < MALLS; n++) {
    malls.push(await pipeline.addMall({ membersPerDay: 120 + n, ordersPerDay: 80 + n, itemsPerOrder: 3 }));
  }
  return { ...pipeline, malls };
}

async function runAll(side: Side, ...flags: readonly string[]) {
  const { exitCode, stdout, stderr } = await side.command([...RUN, ...flags]);
  expect(exitCode, stderr).toBe(0);
  const { read, inserted, updated, unchanged, stale, rejected } = JSON.parse(stdout).totals;
  return { read, inserted, updated, unchanged, stale, rejected };
}

/** Late corrections of every kind, before the second run. */
function change({ simulator, malls }: Side): void {
  const edits: readonly RowEditInput[] = [
    { op: 'change', domainType: 'MEMBER', ...DAY, count: 30 },
    { op: 'remove', domainType: 'MEMBER', ...DAY, count: 3 },
    { op: 'add', domainType: 'MEMBER', at: '2025-12-01T12:00:00', count: 5 },
    { op: 'poison', domainType: 'MEMBER', ...DAY, count: 1, kind: 'bad-amount' },
    { op: 'change', domainType: 'ORDER', ...DAY, count: 30 },
    { op: 'remove', domainType: 'ORDER', ...DAY, count: 3 },
    { op: 'add', domainType: 'ORDER', at: '2025-12-01T13:00:00', count: 5 },
  ];
  for (const mall of malls) for (const edit of edits) simulator.control.editRows(mall.cafe24MallId, edit);
}

/** All rows but for the times and numbers of the runs, which are each database's own. */
async function readData({ db }: Side): Promise<Readonly<Record<string, unknown>>> {
  const data: Record<string, unknown> = {};
  for (const table of DATA_TABLES) {
    const [sum] = await db.query<{ n: number }>(
      `select count(*)::integer as n, count(missing_since)::integer as missing,
         md5(string_agg(text, ' ' order by text)) as digest
       from (select (to_jsonb(t) - 'observed_at' - 'missing_since' - 'first_execution_id' - 'changed_execution_id')::text
         as text, missing_since from mallsync.${table} t) as rows`,
    );
    expect(sum?.n).toBeGreaterThan(0);
    data[table] = sum;
  }
  return data;
}

/** Times that each partition was looked into, whether by an index or not. */
async function readScans({ db }: Side): Promise<ReadonlyMap<string, number>> {
  const others = `select from pg_stat_activity where datname = current_database() and application_name = 'mallsync run'`;
  await expect.poll(() => db.query(others), { timeout: 10_000 }).toEqual([]);
  await db.query('select pg_stat_force_next_flush()');
  const rows = await db.query<{ relname: string; scans: number }>(
    `select relname::text, (seq_scan + coalesce(idx_scan, 0))::integer as scans from pg_stat_user_tables
     where schemaname = 'mallsync' and relid in (select inhrelid from pg_inherits)`,
  );
  return new Map(rows.map(({ relname, scans }) => [relname, scans]));
}

async function listPartitionsOf({ db }: Side, mall: PipelineMall): Promise<ReadonlySet<string>> {
  const places = DATA_TABLES.map(
    (table) => `select tableoid::regclass::text as name from mallsync.${table} where mall_id = $1`,
  );
  const rows = await db.query<{ name: string }>(places.join(' union '), [mall.mallId]);
  return new Set(rows.map(({ name }) => name.replace('mallsync.', '')));
}

describe.each(['partition by hash of the mall', 'partition by list: some malls by themselves, the others together'])(
  '%s',
  (title) => {
    test('a run, late corrections and a second run come to the same data as without', async () => {
      const [plain, divided] = [await openSide(), await openSide()];
      const sql = await readSqlBlock('scaling.md', title);
      await divided.db.query(sql);
      expect(await runAll(divided)).toEqual(await runAll(plain));
      for (const mall of divided.malls) {
        for (const domainType of DOMAIN_TYPES) await expectTruth(divided, mall, domainType);
      }
      expect(await readData(divided)).toEqual(await readData(plain));

      for (const side of [plain, divided]) change(side);
      const again = ['--reprocess', '--reason', 'late corrections'];
      const second = await runAll(divided, ...again);
      expect(second).toEqual(await runAll(plain, ...again));
      expect(second).toMatchObject({ updated: expect.any(Number), inserted: expect.any(Number), rejected: MALLS });
      expect(Math.min(second.inserted, second.updated, second.unchanged)).toBeGreaterThan(0);
      expect(await readData(divided)).toEqual(await readData(plain));
      expect((await divided.command(['migrate'])).exitCode).toBe(0);
    });
  },
);

test('tables that hold data are divided with it, and a run of one mall looks into its partitions only', async () => {
  const side = await openSide();
  await runAll(side);
  const before = await readData(side);
  await side.db.query(await readSqlBlock('scaling.md', 'partition by hash of the mall'));
  expect(await readData(side)).toEqual(before);
  const [mall = { mallId: 0, cafe24MallId: '' }] = side.malls;
  const own = await listPartitionsOf(side, mall);
  expect(own.size).toBe(DATA_TABLES.length);
  change(side);
  const earlier = await readScans(side);
  await runAll(side, '--malls', String(mall.mallId), '--reprocess', '--reason', 'a test');
  const later = await readScans(side);
  const looked = [...later].filter(([name, scans]) => scans > (earlier.get(name) ?? 0)).map(([name]) => name);
  expect(new Set(looked)).toEqual(own);
});

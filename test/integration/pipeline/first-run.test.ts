import { expect, test } from 'vitest';
import type { RunReport } from '../../../src/commands/run/execution-report.ts';
import { DOMAIN_TYPES } from '../../../src/domain/domain-type.ts';
import type { SimulatedMall } from '../../../src/simulator/mall.ts';
import { DAY, openPipeline, type PipelineMall } from '../../support/pipeline.ts';
import { listColumns, listStoredRows, toExpectedRows } from '../../support/truth-rows.ts';
import { expectTruth, readApiRows } from '../../support/truth.ts';

const pipeline = await openPipeline();
const { db, command } = pipeline;

const SHOPS = [
  { shopNo: 1 },
  { shopNo: 2, currency: 'USD', timezone: 'America/Los_Angeles' },
  { shopNo: 3, currency: 'JPY', active: false },
] as const;

/** Of each size and kind: more than a page and less, several shops, long baskets, one that has not begun yet that day. */
const FLEET: readonly Partial<SimulatedMall>[] = [
  { membersPerDay: 130, ordersPerDay: 110, itemsPerOrder: 3, shops: [...SHOPS] },
  { membersPerDay: 250, ordersPerDay: 90 },
  { membersPerDay: 50, ordersPerDay: 50, behaviour: { order: { members: 'desc', orders: 'asc', sales: 'asc' } } },
  { membersPerDay: 49, ordersPerDay: 51, behaviour: { nextLinks: 'none' } },
  { membersPerDay: 1, ordersPerDay: 1, itemsPerOrder: 1 },
  { membersPerDay: 20, ordersPerDay: 130, itemsPerOrder: 5 },
  { membersPerDay: 90, ordersPerDay: 20, behaviour: { latencyMs: 20 } },
  { membersPerDay: 60, ordersPerDay: 30, shops: [{ shopNo: 1 }, { shopNo: 7, share: 5 }] },
  { membersPerDay: 30, ordersPerDay: 40, behaviour: { limitCap: { members: 7, orders: 9, sales: 5 } } },
  { membersPerDay: 33, ordersPerDay: 33, behaviour: { statisticsApproved: false } },
  { membersPerDay: 101, ordersPerDay: 99, behaviour: { oldTokenDiesOnRefresh: true } },
  { membersPerDay: { base: 80, spread: 10 }, ordersPerDay: { base: 60, spread: 10 } },
];
const DATA_TABLES = ['tb_member', 'tb_order', 'tb_order_item', 'tb_sales_hourly'];
const PERIOD_FLAGS = ['--start', DAY.startDate, '--end', DAY.endDate];
const RUN = ['run', '--json', ...PERIOD_FLAGS, '--page-size', '50', '--threads', '1'];

const malls: PipelineMall[] = [];
for (const mall of FLEET) malls.push(await pipeline.addMall(mall));
const [first = { mallId: 0, cafe24MallId: '' }] = malls;

async function runAll(...flags: readonly string[]): Promise<RunReport> {
  const { exitCode, stdout, stderr } = await command([...RUN, ...flags]);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** Tuples written to the data tables so far, once every connection of the runs has told its share. */
async function readTupleCounts(): Promise<Record<string, unknown>[]> {
  const others = `select from pg_stat_activity where datname = current_database() and application_name = 'mallsync run'`;
  await expect.poll(() => db.query(others), { timeout: 10_000 }).toEqual([]);
  await db.query('select pg_stat_force_next_flush()');
  return await db.query(
    `select relname, n_tup_ins::integer as inserted, n_tup_upd::integer as updated, n_tup_del::integer as deleted
     from pg_stat_user_tables where schemaname = 'mallsync' and relname = any($1) order by relname`,
    [DATA_TABLES],
  );
}

async function countRows(table: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(`select count(*)::integer as n from mallsync.${table}`);
  return row?.n ?? 0;
}

test(
  'the first run of twelve malls stores what a perfect sync holds, and the second run writes nothing',
  { timeout: 90_000 },
  async () => {
    const t0 = performance.now();
    const report = await runAll();
    console.log(
      'first',
      performance.now() - t0,
      report.executions
        .toSorted((a, b) => b.seconds - a.seconds)
        .slice(0, 8)
        .map((e) => [e.mallId, e.domainType, e.seconds, e.pages, e.apiCalls, e.waitMs].join(' ')),
    );
    expect(report.executions).toHaveLength(36);
    expect(report.executions.filter(({ status }) => status !== 'COMPLETED')).toEqual([]);
    let held = 0;
    for (const mall of malls)
      for (const domainType of DOMAIN_TYPES) held += await expectTruth(pipeline, mall, domainType);
    expect(report.totals).toMatchObject({ inserted: held, updated: 0, unchanged: 0, stale: 0, rejected: 0, failed: 0 });

    const before = await readTupleCounts();
    const written = [];
    for (const relname of DATA_TABLES) {
      written.push({ relname, inserted: await countRows(relname), updated: 0, deleted: 0 });
    }
    expect(before).toEqual(written);
    const again = await runAll('--reprocess', '--reason', 'nothing has changed');
    expect(again.totals).toMatchObject({
      read: report.totals.read,
      inserted: 0,
      updated: 0,
      unchanged: held,
      failed: 0,
    });
    expect(await readTupleCounts()).toEqual(before);

    const third = await runAll();
    expect(third.totals).toMatchObject({ alreadyComplete: 36, apiCalls: 0, read: 0 });
  },
);

test('every column of every row says what the API said', async () => {
  const members = await readApiRows(pipeline, first, 'MEMBER');
  const orders = await readApiRows(pipeline, first, 'ORDER');
  const sales = await readApiRows(pipeline, first, 'SALES');
  const items = orders.flatMap(({ items: list, shop_no: shopNo, order_id: orderId }) =>
    (Array.isArray(list) ? list : []).map((item: Record<string, unknown>) => ({
      ...item,
      shop_no: shopNo,
      order_id: orderId,
    })),
  );
  const expected = {
    tb_member: { rows: members, orderBy: 'shop_no, member_id' },
    tb_order: { rows: orders, orderBy: 'shop_no, order_id' },
    tb_order_item: { rows: items, orderBy: 'shop_no, order_id, order_item_code' },
    tb_sales_hourly: {
      rows: sales.map((row) => ({ source: 'hourlysales', ...row })),
      orderBy: 'shop_no, collection_date, collection_hour',
    },
  };
  for (const [table, { rows, orderBy }] of Object.entries(expected)) {
    const columns = await listColumns(pipeline, table);
    const stored = await listStoredRows(pipeline, first, table, orderBy);
    const wanted = await toExpectedRows(pipeline, columns, rows);
    const keyOf = (row: Readonly<Record<string, string | null>>): string =>
      orderBy
        .split(', ')
        .map((name) => (row[name] ?? '').padStart(30))
        .join('|');
    const byKey = (list: readonly Readonly<Record<string, string | null>>[]) =>
      list.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    expect(byKey(stored), table).toEqual(byKey(wanted));
  }
  const names = (await listColumns(pipeline, 'tb_member')).map(({ column_name: name }) => name);
  expect(Object.keys(members[0] ?? {}).filter((name) => !names.includes(name))).toEqual([
    'refund_bank_code',
    'refund_bank_account_no',
    'refund_bank_account_holder',
  ]);
});

test('rows of an unapproved mall are added up from orders and say so, the others are the API’s own', async () => {
  const sources = await db.query(
    `select mall_id::integer, source, count(*)::integer as hours, sum(order_count)::integer > 0 as has_orders
     from mallsync.tb_sales_hourly where shop_no = 1 group by mall_id, source order by mall_id`,
  );
  expect(sources).toEqual(
    malls.map(({ mallId }) => ({
      mall_id: mallId,
      source: mallId === 10 ? 'orders' : 'hourlysales',
      hours: 24,
      has_orders: expect.any(Boolean),
    })),
  );
  expect(sources[9]).toMatchObject({ has_orders: true });
});

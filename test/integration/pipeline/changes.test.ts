import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { DAY, openPipeline, type PipelineMall } from '../../support/pipeline.ts';
import { expectTruth } from '../../support/truth.ts';

const pipeline = await openPipeline();
const { db, simulator, run, addMall } = pipeline;
const { control } = simulator;

const AGAIN = { mode: 'REPROCESS' } as const;
const TWO_DAYS = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-03T00:00:00' } as const;
const HOUR_MS = 3_600_000;
const PATIENCE = { timeout: 10_000, interval: 10 };

interface Member {
  readonly total_points: string;
  readonly missing: boolean;
  readonly first_execution_id: string;
  readonly changed_execution_id: string;
  readonly extra: unknown;
}

async function findMember({ mallId }: PipelineMall, memberId: string): Promise<Member | undefined> {
  const [member] = await db.query<Member & Record<string, unknown>>(
    `select total_points, missing_since is not null as missing, first_execution_id::integer,
       changed_execution_id::integer, extra
     from mallsync.tb_member where mall_id = $1 and member_id = $2`,
    [mallId, memberId],
  );
  return member;
}

test('what changed at the mall is updated, in all three domains, and nothing else is touched', async () => {
  const mall = await addMall({ membersPerDay: 60, ordersPerDay: 40 });
  for (const domainType of ['MEMBER', 'ORDER', 'SALES'] as const) await run(mall, { domainType });
  const [memberId = ''] = control.editRows(mall.cafe24MallId, { op: 'change', domainType: 'MEMBER', ...DAY, count: 3 });
  control.editRows(mall.cafe24MallId, { op: 'change', domainType: 'ORDER', ...DAY, count: 2 });
  control.editRows(mall.cafe24MallId, { op: 'add', domainType: 'ORDER', at: '2025-12-01T13:14:15', count: 2 });

  const members = await run(mall, AGAIN);
  expect(members).toMatchObject({ status: 'COMPLETED', updated: 3, inserted: 0, unchanged: 57, stale: 0 });
  const orders = await run(mall, { ...AGAIN, domainType: 'ORDER' });
  expect(orders).toMatchObject({ status: 'COMPLETED', updated: 2, inserted: 2, unchanged: 38, stale: 0 });
  const sales = await run(mall, { ...AGAIN, domainType: 'SALES' });
  expect(sales).toMatchObject({ status: 'COMPLETED', inserted: 0, stale: 0 });
  expect(sales.updated).toBeGreaterThan(0);
  for (const domainType of ['MEMBER', 'ORDER', 'SALES'] as const) await expectTruth(pipeline, mall, domainType);
  const member = await findMember(mall, memberId);
  expect(member).toMatchObject({ changed_execution_id: members.executionId });
  expect(member?.first_execution_id).not.toBe(members.executionId);
});

test('an item that leaves its order, or changes alone, changes the order', async () => {
  const mall = await addMall({ ordersPerDay: 12, itemsPerOrder: 4 });
  await run(mall, { domainType: 'ORDER' });
  const [order] = await db.query<{ order_id: string; items: number }>(
    `select order_id, count(*)::integer as items from mallsync.tb_order_item where mall_id = $1
     group by order_id having count(*) > 1 limit 1`,
    [mall.mallId],
  );
  const orderId = order?.order_id ?? '';
  const rows = await Array.fromAsync(control.readRows(mall.cafe24MallId, { domainType: 'ORDER', ...DAY }));
  const items = rows.find((row) => row['order_id'] === orderId)?.['items'];
  const [kept] = Array.isArray(items) ? items : [];
  control.editRows(mall.cafe24MallId, {
    op: 'change',
    domainType: 'ORDER',
    keys: [orderId],
    fields: { items: [{ ...kept, status_text: 'changed' }] },
  });
  expect(await run(mall, { ...AGAIN, domainType: 'ORDER' })).toMatchObject({ updated: 1, unchanged: 11 });
  const stored = await db.query(
    `select status_text from mallsync.tb_order_item
     where mall_id = $1 and order_id = $2 and missing_since is null`,
    [mall.mallId, orderId],
  );
  expect(stored).toEqual([{ status_text: 'changed' }]);
});

test('what is older by the clock of the API never replaces what is newer', async () => {
  const mall = await addMall({ membersPerDay: 40 });
  control.shiftClock(HOUR_MS);
  const newer = await run(mall);
  const [memberId = ''] = control.editRows(mall.cafe24MallId, { op: 'change', domainType: 'MEMBER', ...DAY, count: 1 });
  const before = await findMember(mall, memberId);
  control.shiftClock(-HOUR_MS);
  const older = await run(mall, TWO_DAYS);
  expect(older).toMatchObject({ status: 'COMPLETED', updated: 0, stale: 1, unchanged: 39 });
  expect(await findMember(mall, memberId)).toEqual(before);
  expect(before).toMatchObject({ changed_execution_id: newer.executionId });

  control.shiftClock(2 * HOUR_MS);
  expect(await run(mall, AGAIN)).toMatchObject({ updated: 1, stale: 0 });
  control.shiftClock(-2 * HOUR_MS);
  await expectTruth(pipeline, mall, 'MEMBER', TWO_DAYS);
});

test('a page that is held back until another execution has stored a later answer replaces nothing', async () => {
  const mall = await addMall({ membersPerDay: 40 });
  const lock = new Client({ connectionString: db.url });
  await lock.connect();
  onTestFinished(() => lock.end());
  control.addFault(mall.cafe24MallId, { endpoint: 'customersprivacy', kind: 'slow', latencyMs: 1_000, times: 1 });
  const held = run(mall);
  const readStats = () => control.readStats(mall.cafe24MallId).endpoints['customersprivacy'];
  await expect.poll(() => readStats()?.calls, PATIENCE).toBe(1);
  await lock.query('begin');
  await lock.query('select from mallsync.tb_batch_execution_summary where mall_id = $1 for update', [mall.mallId]);
  await expect.poll(() => readStats()?.byStatus, PATIENCE).toEqual({ 200: 1 });

  control.editRows(mall.cafe24MallId, { op: 'change', domainType: 'MEMBER', ...DAY, count: 4 });
  control.shiftClock(10_000);
  expect(await run(mall, TWO_DAYS)).toMatchObject({ status: 'COMPLETED', inserted: 80 });
  await lock.query('commit');
  expect(await held).toMatchObject({ status: 'COMPLETED', inserted: 0, updated: 0, stale: 4, unchanged: 36 });
  control.shiftClock(-10_000);
  await expectTruth(pipeline, mall, 'MEMBER', TWO_DAYS);
});

test('a member that a complete reading no longer had is marked missing, and unmarked when it is back', async () => {
  const mall = await addMall({ membersPerDay: 30 });
  await run(mall);
  const gone = control.editRows(mall.cafe24MallId, { op: 'remove', domainType: 'MEMBER', ...DAY, count: 2 });
  const before = await expectTruth(pipeline, mall).catch((error: unknown) => error);
  expect(before).toBeInstanceOf(Error);
  expect(await run(mall, AGAIN)).toMatchObject({ status: 'COMPLETED', read: 28, unchanged: 28, updated: 0 });
  expect(await expectTruth(pipeline, mall)).toBe(28);
  for (const memberId of gone) expect(await findMember(mall, memberId)).toMatchObject({ missing: true });

  await db.query('update mallsync.tb_member set missing_since = observed_at where mall_id = $1', [mall.mallId]);
  expect(await run(mall, AGAIN)).toMatchObject({ read: 28, updated: 28, unchanged: 0 });
  expect(await expectTruth(pipeline, mall)).toBe(28);
});

test('orders and hours that are gone are marked missing too', async () => {
  const mall = await addMall({ ordersPerDay: 20 });
  await run(mall, { domainType: 'ORDER' });
  control.editRows(mall.cafe24MallId, { op: 'remove', domainType: 'ORDER', ...DAY, count: 3 });
  expect(await run(mall, { ...AGAIN, domainType: 'ORDER' })).toMatchObject({ status: 'COMPLETED', unchanged: 17 });
  expect(await expectTruth(pipeline, mall, 'ORDER')).toBe(17);
});

test('a property that nobody has documented lands in extra, and a change of it alone is seen', async () => {
  const mall = await addMall({ membersPerDay: 5, ordersPerDay: 5 });
  const change = (value: string): string => {
    const fields = { brand_new: { deep: [value] } };
    control.editRows(mall.cafe24MallId, { op: 'change', domainType: 'ORDER', ...DAY, count: 1, fields });
    return (
      control.editRows(mall.cafe24MallId, { op: 'change', domainType: 'MEMBER', ...DAY, count: 1, fields })[0] ?? ''
    );
  };
  const memberId = change('one');
  expect(await run(mall)).toMatchObject({ status: 'COMPLETED', rejected: 0 });
  await run(mall, { domainType: 'ORDER' });
  expect(await findMember(mall, memberId)).toMatchObject({ extra: { brand_new: { deep: ['one'] } } });
  const orders = await db.query<{ n: number }>(
    `select count(*)::integer as n from mallsync.tb_order where mall_id = $1 and extra @> '{"brand_new": {}}'`,
    [mall.mallId],
  );
  expect(orders).toEqual([{ n: 1 }]);
  change('two');
  await run(mall, AGAIN);
  expect(await findMember(mall, memberId)).toMatchObject({ extra: { brand_new: { deep: ['two'] } } });
});

test('a shop of another currency and time zone keeps its currency, and its times are instants', async () => {
  const mall = await addMall({
    ordersPerDay: 30,
    shops: [{ shopNo: 1 }, { shopNo: 2, currency: 'USD', timezone: 'America/Los_Angeles', share: 1 }],
  });
  for (const domainType of ['MEMBER', 'ORDER', 'SALES'] as const) {
    expect(await run(mall, { domainType })).toMatchObject({ status: 'COMPLETED' });
    await expectTruth(pipeline, mall, domainType);
  }
  const currencies = await db.query(
    `select distinct shop_no, currency from mallsync.tb_order where mall_id = $1 order by shop_no`,
    [mall.mallId],
  );
  expect(currencies).toEqual([
    { shop_no: 1, currency: 'KRW' },
    { shop_no: 2, currency: 'USD' },
  ]);
  const [outside] = await db.query(
    `select count(*)::integer as n from mallsync.tb_order as o join mallsync.tb_order_item as i
       using (mall_id, shop_no, order_id)
     where o.mall_id = $1 and (i.ordered_date <> o.order_date
       or not o.order_date <@ tstzrange('2025-12-01 00:00+09', '2025-12-02 00:00+09'))`,
    [mall.mallId],
  );
  expect(outside).toEqual({ n: 0 });
});

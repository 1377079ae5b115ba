import { expect, test } from 'vitest';
import { DAY, openPipeline, type PipelineMall } from '../../support/pipeline.ts';
import { expectTruth } from '../../support/truth.ts';

const pipeline = await openPipeline();
const { db, simulator, run, sync, addMall } = pipeline;
const { control } = simulator;

/** Longer than one query of orders may span, so that it is read in two windows of 31 and 9 days. */
const FORTY_DAYS = { startDate: '2025-10-01T00:00:00', endDate: '2025-11-10T00:00:00' } as const;

interface Window {
  readonly n: number;
  readonly state: string;
  readonly rereads: number;
  readonly rows_seen: number;
  readonly distinct_seen: number;
  readonly message: string | null;
}

async function listWindows({ mallId }: PipelineMall): Promise<readonly Window[]> {
  return await db.query<Window & Record<string, unknown>>(
    `select n, state, rereads, rows_seen::integer, distinct_seen::integer, message
     from mallsync.tb_batch_window where mall_id = $1 order by instance_id, reading, n`,
    [mallId],
  );
}

async function readCoverage({ mallId }: PipelineMall): Promise<readonly string[]> {
  const ranges = await db.query<{ range: string }>(
    `select to_char(lower(r) at time zone 'Asia/Seoul', 'YYYY-MM-DD"T"HH24:MI:SS') || ' '
       || to_char(upper(r) at time zone 'Asia/Seoul', 'YYYY-MM-DD"T"HH24:MI:SS') as range
     from mallsync.tb_coverage, unnest(covered) as r where mall_id = $1 order by lower(r)`,
    [mallId],
  );
  return ranges.map(({ range }) => range);
}

async function countMembers({ mallId }: PipelineMall): Promise<number> {
  const rows = await db.query<{ n: number }>(
    'select count(*)::integer as n from mallsync.tb_member where mall_id = $1',
    [mallId],
  );
  return rows[0]?.n ?? 0;
}

function countCalls({ cafe24MallId }: PipelineMall, endpoint: string): number {
  return control.readStats(cafe24MallId).endpoints[endpoint]?.calls ?? 0;
}

test('too many rejected rows end the run with 65, the window stays incomplete and what was stored stays', async () => {
  const mall = await addMall({
    membersPerDay: 400,
    poison: { members: { perDay: 200, kinds: ['bad-amount'] } },
  });
  const { exitCode, report } = await sync(mall, { pageSize: 50, attemptCount: 1 });
  expect({ exitCode, ...report }).toMatchObject({
    exitCode: 65,
    status: 'FAILED',
    failureReason: 'RejectBudgetExceeded',
  });
  expect(report.rejected).toBeGreaterThan(100);
  expect(report.rejected).toBeLessThan(200);
  expect(await listWindows(mall)).toMatchObject([{ state: 'INCOMPLETE' }]);
  expect(await countMembers(mall)).toBe(report.inserted);
  expect(report.inserted).toBeGreaterThan(0);
  expect(await readCoverage(mall)).toEqual([]);

  control.editRows(mall.cafe24MallId, { op: 'heal', domainType: 'MEMBER', ...DAY });
  const second = await sync(mall, { pageSize: 50, attemptCount: 2 });
  expect({ exitCode: second.exitCode, ...second.report }).toMatchObject({ exitCode: 0, status: 'COMPLETED' });
  expect(await expectTruth(pipeline, mall)).toBe(400);
});

test('rows that come in while pages are read are noticed by the count and read in a second pass', async () => {
  const mall = await addMall({ membersPerDay: 200, behaviour: { order: { members: 'desc' } } });
  control.editRows(mall.cafe24MallId, {
    op: 'add',
    domainType: 'MEMBER',
    at: '2025-12-01T23:59:58',
    count: 30,
    after: { endpoint: 'customersprivacy', calls: 2 },
  });
  const report = await run(mall, { pageSize: 40 });
  expect(report).toMatchObject({ status: 'COMPLETED', inserted: 230 });
  expect(await listWindows(mall)).toMatchObject([{ state: 'COMPLETE', rereads: 1, distinct_seen: 230 }]);
  expect(await expectTruth(pipeline, mall)).toBe(230);
  expect(pipeline.heard.events.filter(({ kind, mallId }) => kind === 'reread' && mallId === mall.mallId)).toHaveLength(
    1,
  );
});

test('rows that leave pages already read pull others past the border, which the count tells', async () => {
  const mall = await addMall({ membersPerDay: 120 });
  control.editRows(mall.cafe24MallId, {
    op: 'remove',
    domainType: 'MEMBER',
    ...DAY,
    count: 10,
    after: { endpoint: 'customersprivacy', calls: 2 },
  });
  expect(await run(mall, { pageSize: 20 })).toMatchObject({ status: 'COMPLETED', inserted: 120 });
  expect(await listWindows(mall)).toMatchObject([{ state: 'COMPLETE', distinct_seen: 110, rereads: 1 }]);
  expect(await expectTruth(pipeline, mall)).toBe(110);
});

test('a window that always disagrees is left incomplete, the others complete, and a re-run reads it alone', async () => {
  const mall = await addMall({ ordersPerDay: 3 });
  const wish = { ...FORTY_DAYS, domainType: 'ORDER', attemptCount: 1 } as const;
  const edit = { domainType: 'ORDER', startDate: '2025-11-05T00:00:00', endDate: '2025-11-06T00:00:00' } as const;
  control.editRows(mall.cafe24MallId, { op: 'hide', ...edit, count: 1 });
  const { exitCode, report } = await sync(mall, wish);
  expect({ exitCode, ...report }).toMatchObject({
    exitCode: 65,
    status: 'FAILED',
    failureReason: 'IncompleteRead',
    inserted: 119,
  });
  const [whole, torn] = await listWindows(mall);
  expect(whole).toMatchObject({ state: 'COMPLETE', rereads: 0, distinct_seen: 93 });
  expect(torn).toMatchObject({ state: 'INCOMPLETE', rereads: 3, distinct_seen: 26 });
  expect(torn?.message).toMatch(/counts 27 before and 27 after, its pages held 26/);
  expect(await readCoverage(mall)).toEqual(['2025-10-01T00:00:00 2025-11-01T00:00:00']);

  control.editRows(mall.cafe24MallId, { op: 'heal', ...edit });
  const calls = countCalls(mall, 'orders');
  const second = await sync(mall, { ...wish, attemptCount: 2 });
  expect(second.report).toMatchObject({ status: 'COMPLETED', read: 27, unchanged: 26, inserted: 1, attemptCount: 2 });
  expect(countCalls(mall, 'orders') - calls).toBe(1);
  expect(await readCoverage(mall)).toEqual(['2025-10-01T00:00:00 2025-11-10T00:00:00']);
  expect(await expectTruth(pipeline, mall, 'ORDER', FORTY_DAYS)).toBe(120);
});

test('a second with more rows than offsets reach is left incomplete, and the seconds around it are read', async () => {
  const period = { startDate: '2025-12-01T12:00:00', endDate: '2025-12-01T12:00:03' } as const;
  const mall = await addMall({ membersPerDay: 0 });
  for (const [at, count] of [
    ['2025-12-01T12:00:00', 3],
    ['2025-12-01T12:00:02', 9_050],
  ] as const) {
    control.editRows(mall.cafe24MallId, { op: 'add', domainType: 'MEMBER', at, count });
  }
  const report = await run(mall, { ...period, pageSize: 1000 });
  expect(report).toMatchObject({ status: 'FAILED', failureReason: 'IncompleteRead', inserted: 9_003 });
  const states = (await listWindows(mall)).map(({ state, rereads }) => `${state} ${rereads}`);
  expect(states.toSorted()).toEqual(['COMPLETE 0', 'COMPLETE 0', 'INCOMPLETE 0']);
  expect(await readCoverage(mall)).toEqual([
    '2025-12-01T12:00:00 2025-12-01T12:00:02',
    '2025-12-01T12:00:03 2025-12-01T12:00:04',
  ]);
});

test('a window over the ceiling is split by time, and the parts together hold all', async () => {
  const mall = await addMall({ membersPerDay: 9_000 });
  expect(await run(mall, { pageSize: 1000 })).toMatchObject({ status: 'COMPLETED', inserted: 9_000 });
  expect((await listWindows(mall)).map(({ state }) => state)).toEqual(['COMPLETE', 'COMPLETE']);
  expect(await expectTruth(pipeline, mall)).toBe(9_000);
  expect(await readCoverage(mall)).toEqual(['2025-12-01T00:00:00 2025-12-02T00:00:00']);
});

test('a server that gives fewer rows than asked for costs calls and no rows', async () => {
  const mall = await addMall({
    membersPerDay: 40,
    ordersPerDay: 40,
    behaviour: { limitCap: { members: 11, orders: 13, sales: 7 } },
  });
  for (const domainType of ['MEMBER', 'ORDER', 'SALES'] as const) {
    expect(await run(mall, { domainType })).toMatchObject({ status: 'COMPLETED' });
    await expectTruth(pipeline, mall, domainType);
  }
  expect(countCalls(mall, 'customersprivacy')).toBeGreaterThanOrEqual(4);
});

test('sales of a part of a day hold the hours of that part only', async () => {
  const part = { startDate: '2025-12-01T06:00:00', endDate: '2025-12-01T11:59:59' } as const;
  for (const statisticsApproved of [true, false]) {
    const mall = await addMall({ ordersPerDay: 200, behaviour: { statisticsApproved } });
    expect(await run(mall, { ...part, domainType: 'SALES' })).toMatchObject({ status: 'COMPLETED', inserted: 6 });
    expect(await expectTruth(pipeline, mall, 'SALES', part)).toBe(6);
  }
});

test('sales that change between two looks are read until two agree', async () => {
  const mall = await addMall({ ordersPerDay: 60 });
  control.editRows(mall.cafe24MallId, {
    op: 'add',
    domainType: 'ORDER',
    at: '2025-12-01T08:00:00',
    count: 40,
    after: { endpoint: 'reports/hourlysales', calls: 2 },
  });
  expect(await run(mall, { domainType: 'SALES' })).toMatchObject({ status: 'COMPLETED' });
  expect(await listWindows(mall)).toMatchObject([{ state: 'COMPLETE', rereads: 1 }]);
  await expectTruth(pipeline, mall, 'SALES');
});

test('without approval for statistics the figures of every column come from orders, several shops and all', async () => {
  const shops = [{ shopNo: 1 }, { shopNo: 2, currency: 'USD' as const, share: 1 }];
  const approved = await addMall({ cafe24MallId: 'twin-a', ordersPerDay: 150, shops });
  const report = await run(approved, { domainType: 'SALES' });
  const columns = `shop_no, collection_date::text, collection_hour, order_count, item_count, order_price_amount, sales,
    shipping_fee, coupon_discount_price, actual_order_amount, refund_amount, used_points, used_credits`;
  const listHours = async (source: string): Promise<readonly Record<string, unknown>[]> =>
    await db.query(
      `select ${columns} from mallsync.tb_sales_hourly where mall_id = $1 and source = $2 order by 1, 2, 3`,
      [approved.mallId, source],
    );
  const own = await listHours('hourlysales');
  expect(own).toHaveLength(48);
  control.changeBehaviour(approved.cafe24MallId, { statisticsApproved: false });
  const again = await run(approved, { domainType: 'SALES', mode: 'REPROCESS' });
  expect([report.status, again.status]).toEqual(['COMPLETED', 'COMPLETED']);
  expect(await listHours('orders')).toEqual(own);
});

test('a setting refuses figures from orders: the run ends with 77', async () => {
  const mall = await addMall(
    { ordersPerDay: 5, behaviour: { statisticsApproved: false } },
    { settings: { salesSource: 'hourlysales' } },
  );
  const { exitCode, report } = await sync(mall, { domainType: 'SALES', attemptCount: 1 });
  expect({ exitCode, ...report }).toMatchObject({ exitCode: 77, failureReason: 'PermissionDenied' });
});

test('orders of several date types are read in passes, each order stored once', async () => {
  const mall = await addMall({ ordersPerDay: 60 }, { settings: { orderDateTypes: ['order_date', 'pay_date'] } });
  const report = await run(mall, { domainType: 'ORDER' });
  expect(report).toMatchObject({ status: 'COMPLETED' });
  expect(report.unchanged).toBeGreaterThan(0);
  const { count } = await control.readTruth(mall.cafe24MallId, {
    domainType: 'ORDER',
    ...DAY,
    dateTypes: ['order_date', 'pay_date'],
  });
  expect(count).toBeGreaterThan(60);
  expect(report.inserted).toBe(count);
});

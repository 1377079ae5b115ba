import { afterAll, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { expectPagesCountedOnce, expectTruth, listExecutionRows, listWindowRows } from '../support/fault-ledger.ts';
import { openFaultWorld, type FaultMall } from '../support/fault-world.ts';
import { until } from '../support/process-signals.ts';

const db = await createTestDatabase();
const world = await openFaultWorld(db.url);
afterAll(() => world.close());
const { control } = world.simulator;

const ROWS = 130;
const DAYS = Array.from({ length: 8 }, (_, day) => ({ startDate: toTime(day + 1), endDate: toTime(day + 2) }));

function toTime(day: number): string {
  return `2025-11-${String(day).padStart(2, '0')}T00:00:00`;
}

async function sumWaitSeconds(cause: string): Promise<number> {
  const [sum] = await world.query<{ seconds: number }>(
    `select coalesce(sum(value), 0) as seconds from mallsync.tb_metric_total
     where name = 'api_wait_seconds_total' and labels ->> 'cause' = $1`,
    [cause],
  );
  return sum?.seconds ?? 0;
}

/** More refusals in a row than a run survives failures. */
const WAVES = 12;

test('a storm of usage blocks is waited out: shown as waiting, and spending no retry', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  control.addFault(mall.cafe24MallId, {
    endpoint: 'customersprivacy',
    kind: 'usage-429',
    afterCalls: 2,
    times: WAVES,
    remainSeconds: 2,
  });
  const sync = world.startSync({ mall });
  await until(
    'the wait to be shown',
    async () => (await listExecutionRows(world, mall))[0]?.status === 'WAITING',
    60_000,
  );
  expect(await sync.finished).toMatchObject({ exitCode: 0 });
  expect(control.readStats(mall.cafe24MallId).tooManyRequests).toBeGreaterThanOrEqual(WAVES);
  expect(await sumWaitSeconds('quota')).toBeGreaterThan(WAVES);
  expect(await sumWaitSeconds('retry')).toBe(0);
  await expectTruth(world, mall);
  await expectPagesCountedOnce(world);
  expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'COMPLETED', fence_token: 1, read: ROWS }]);
});

test('a storm of full buckets over several processes of one mall is waited out', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS, ordersPerDay: ROWS });
  for (const endpoint of ['customersprivacy', 'orders', 'orders/count'] as const) {
    control.addFault(mall.cafe24MallId, { endpoint, kind: 'bucket-429', times: 6 });
  }
  const retriesBefore = await sumWaitSeconds('retry');
  const wishes = [{ domainType: 'MEMBER' }, { domainType: 'ORDER' }] as const;
  const finished = await Promise.all(wishes.map((wish) => world.sync({ mall, ...wish })));
  expect(finished.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(control.readStats(mall.cafe24MallId).tooManyRequests).toBe(18);
  expect(await sumWaitSeconds('rate')).toBeGreaterThan(1);
  expect(await sumWaitSeconds('retry')).toBe(retriesBefore);
  await expectTruth(world, mall, 'MEMBER');
  await expectTruth(world, mall, 'ORDER');
  await expectPagesCountedOnce(world);
});

async function syncAllDays(mall: FaultMall, domainType: 'MEMBER' | 'ORDER'): Promise<void> {
  const syncs = DAYS.map((day) => world.sync({ mall, domainType, ...day, pageSize: 100 }));
  const codes = (await Promise.all(syncs)).map(({ exitCode }) => exitCode);
  expect(codes).toEqual(DAYS.map(() => 0));
}

test('eight processes of one mall make one refresh of its token', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS, ordersPerDay: ROWS });
  await syncAllDays(mall, 'MEMBER');
  expect(control.readStats(mall.cafe24MallId).tokenRequests).toBe(1);
  control.expireAccessTokens(mall.cafe24MallId);
  await syncAllDays(mall, 'ORDER');
  expect(control.readStats(mall.cafe24MallId).tokenRequests).toBe(2);
  const [credential] = await world.query(
    'select generation::integer, state from mallsync.tb_mall_credential where mall_id = $1',
    [mall.mallId],
  );
  expect(credential).toEqual({ generation: 2, state: 'ACTIVE' });
  await expectTruth(world, mall, 'MEMBER', DAYS);
  await expectTruth(world, mall, 'ORDER', DAYS);
});

const LIST = { MEMBER: 'customersprivacy', ORDER: 'orders' } as const;

test.each(['MEMBER', 'ORDER'] as const)(
  'pages that shift while they are read are read again (%s)',
  async (domainType) => {
    const mall = await world.addMall({ membersPerDay: ROWS, ordersPerDay: ROWS });
    const [day] = DAYS;
    if (day === undefined) throw new Error('there is no day');
    const period = { ...day, domainType };
    const after = (calls: number) => ({ endpoint: LIST[domainType], calls });
    control.editRows(mall.cafe24MallId, { op: 'remove', ...period, count: 3, after: after(3) });
    control.editRows(mall.cafe24MallId, { op: 'add', domainType, at: day.startDate, count: 1, after: after(4) });
    control.editRows(mall.cafe24MallId, {
      op: 'add',
      domainType,
      at: '2025-11-01T23:00:00',
      count: 4,
      after: after(5),
    });
    expect(await world.sync({ mall, ...period })).toMatchObject({ exitCode: 0 });
    const [window] = await listWindowRows(world, mall);
    expect(window?.state).toBe('COMPLETE');
    expect(window?.rereads).toBeGreaterThanOrEqual(1);
    await expectTruth(world, mall, domainType, [day]);
    await expectPagesCountedOnce(world);
  },
);

test('pages that never stop shifting end as incomplete, and are read whole once they do', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const [day] = DAYS;
  if (day === undefined) throw new Error('there is no day');
  const edit = { op: 'add', domainType: 'MEMBER', at: day.startDate, count: 1 } as const;
  const passes = 4;
  for (let calls = 3; calls < passes * 10; calls += 7) {
    control.editRows(mall.cafe24MallId, { ...edit, after: { endpoint: 'customersprivacy', calls } });
  }
  expect(await world.sync({ mall, ...day })).toMatchObject({ exitCode: 65 });
  expect(await listWindowRows(world, mall)).toMatchObject([{ state: 'INCOMPLETE', rereads: 3 }]);
  expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'FAILED', failure_reason: 'IncompleteRead' }]);
  expect(await world.sync({ mall, ...day, attemptCount: 2 })).toMatchObject({ exitCode: 0 });
  await expectTruth(world, mall, 'MEMBER', [day]);
  await expectPagesCountedOnce(world);
});

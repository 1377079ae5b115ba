import { afterAll, expect, test, vi } from 'vitest';
import { DAY_MS, toSeoulDay } from '../../../src/domain/seoul-time.ts';
import { createTestDatabase } from '../../support/database.ts';
import { isPageFrom } from '../../support/fault-gate.ts';
import { expectPagesCountedOnce, expectTruth, listExecutionRows, takeSnapshot } from '../../support/fault-ledger.ts';
import { DAY, HOLDER_LEASE_SECONDS, openFaultWorld, type FaultMall, type SyncWish } from '../../support/fault-world.ts';
import type { Finished } from '../../support/program.ts';
import { beforeEndOf, until } from '../../support/process-signals.ts';

vi.setConfig({ testTimeout: 120_000 });
const db = await createTestDatabase();
const world = await openFaultWorld(db.url);
afterAll(() => world.close());

/** Rows are written one at a time, slowly: two pages that lock the same keys in different orders then meet for sure. */
await world.query(`
  create function public.fault_slow_row() returns trigger language plpgsql as $$
    begin perform pg_sleep(0.001); return new; end $$;
  create trigger fault_slow_row before insert on mallsync.tb_member
    for each row execute function public.fault_slow_row();
  create trigger fault_slow_row before insert on mallsync.tb_order
    for each row execute function public.fault_slow_row()`);

const SAME_DAY = { ...DAY, endDate: '2025-12-01T23:59:59' };
const OTHER_PAGE_SIZE = { pageSize: 50 };

interface Answer {
  readonly exitCode: number | null;
  readonly failureReason: unknown;
  readonly alreadyComplete: unknown;
}

function toAnswer({ exitCode, stdout }: Finished): Answer {
  const document = JSON.parse(stdout) as Record<string, unknown> & { executions?: Record<string, unknown>[] };
  const { failureReason, alreadyComplete } = document.executions?.[0] ?? document;
  return { exitCode, failureReason, alreadyComplete };
}

/** Everybody who may ask for what a first process does or did, by the way they ask. */
async function askAgain(wish: SyncWish): Promise<Readonly<Record<string, Answer>>> {
  const asked = {
    'sync with another page size': world.sync({ ...wish, ...OTHER_PAGE_SIZE }),
    'sync with the other spelling': world.sync({ ...wish, ...SAME_DAY }),
    'sync as another attempt with another page size': world.sync({ ...wish, ...OTHER_PAGE_SIZE, attemptCount: 2 }),
    'sync as another attempt with the other spelling': world.sync({ ...wish, ...SAME_DAY, attemptCount: 2 }),
    'run with both': world.run({ ...wish, ...SAME_DAY, ...OTHER_PAGE_SIZE }),
  };
  const answers = await Promise.all(
    Object.entries(asked).map(async ([way, finished]) => [way, toAnswer(await finished)] as const),
  );
  return Object.fromEntries(answers);
}

const refused = { exitCode: 64, failureReason: 'DuplicateRefused', alreadyComplete: false };
const busy = { exitCode: 75, failureReason: 'LeaseLost', alreadyComplete: false };
const complete = { exitCode: 0, failureReason: null, alreadyComplete: true };

test('the same mall, domain and period runs once, whatever the page size and the spelling of its end', async () => {
  const mall = await world.addMall({ membersPerDay: 90 });
  const leaseSeconds = HOLDER_LEASE_SECONDS;
  const [holderGate, gate] = [await world.openGate(), await world.openGate()];
  const page = holderGate.hold(isPageFrom(20));
  const holder = world.startSync({ mall, gate: holderGate, leaseSeconds });
  await beforeEndOf(
    holder,
    until('the first page', async () => (await listExecutionRows(world, mall))[0]?.pages === 1),
  );
  expect(await askAgain({ mall, gate, leaseSeconds })).toEqual({
    'sync with another page size': refused,
    'sync with the other spelling': busy,
    'sync as another attempt with another page size': refused,
    'sync as another attempt with the other spelling': refused,
    'run with both': busy,
  });
  expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'RUNNING', fence_token: 1, is_held: true }]);
  page.release();
  expect(await holder.finished).toMatchObject({ exitCode: 0 });

  const before = await takeSnapshot(world, mall);
  const answers = await askAgain({ mall, gate, leaseSeconds });
  expect(Object.values(answers)).toEqual(Object.values(answers).map(() => complete));
  expect(await takeSnapshot(world, mall)).toEqual(before);
  expect(gate.calls).toEqual([]);
  await expectTruth(world, mall);
});

/** The processes wait for each other before the first page that both of them read, and go on side by side. */
async function runSideBySide(mall: FaultMall, domainType: 'MEMBER' | 'ORDER', first: SyncWish, second: SyncWish) {
  const [firstGate, secondGate] = [await world.openGate(), await world.openGate()];
  const holds = [firstGate.hold(isPageFrom(0)), secondGate.hold(isPageFrom(0))];
  const syncs = [
    world.startSync({ ...first, mall, domainType, gate: firstGate }),
    world.startSync({ ...second, mall, domainType, gate: secondGate }),
  ];
  await Promise.all(holds.map(({ arrived }) => arrived));
  for (const { release } of holds) release();
  expect(await Promise.all(syncs.map(async ({ finished }) => (await finished).exitCode))).toEqual([0, 0]);
}

test.each(['MEMBER', 'ORDER'] as const)('overlapping periods of one mall run together (%s)', async (domainType) => {
  const mall = await world.addMall({ membersPerDay: 210, ordersPerDay: 210 });
  const wishOf = (startDate: string, endDate: string): SyncWish => ({ mall, pageSize: 70, startDate, endDate });
  await runSideBySide(
    mall,
    domainType,
    wishOf('2025-12-01T00:00:00', '2025-12-03T12:00:00'),
    wishOf('2025-12-01T06:00:00', '2025-12-04T00:00:00'),
  );
  const [counted] = await world.query<{ deadlocks: string }>(
    'select deadlocks::text from pg_stat_database where datname = current_database()',
  );
  expect(counted?.deadlocks).toBe('0');
  await expectTruth(world, mall, domainType, [{ startDate: '2025-12-01T00:00:00', endDate: '2025-12-04T00:00:00' }]);
  await expectPagesCountedOnce(world);
  expect((await listExecutionRows(world, mall)).map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED']);
});

test('a period that is not over is refused and leaves nothing behind', async () => {
  const mall = await world.addMall();
  const gate = await world.openGate();
  const today = toSeoulDay(Date.now());
  const tomorrow = toSeoulDay(Date.now() + DAY_MS);
  const open = { mall, gate, startDate: '2025-12-01T00:00:00', endDate: `${tomorrow}T00:00:00` };
  const refusal = { exitCode: 64, failureReason: 'PeriodOpen', alreadyComplete: false };
  expect(toAnswer(await world.sync(open))).toEqual(refusal);
  expect(toAnswer(await world.sync({ ...open, endDate: `${today}T23:59:59` }))).toEqual(refusal);
  expect(toAnswer(await world.run(open))).toEqual(refusal);
  expect(await listExecutionRows(world, mall)).toEqual([]);
  const instances = 'select 1 from mallsync.tb_batch_job_instance where mall_id = $1';
  expect(await world.query(instances, [mall.mallId])).toEqual([]);
  expect(gate.calls).toEqual([]);
});

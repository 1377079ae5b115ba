import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { isPageFrom, type GateCall } from '../support/fault-gate.ts';
import { holdPage, installPageLatch } from '../support/fault-latch.ts';
import {
  expectPagesCountedOnce,
  expectTruth,
  listExecutionRows,
  sumStored,
  takeSnapshot,
} from '../support/fault-ledger.ts';
import { HOLDER_LEASE_SECONDS, openFaultWorld, PAGE_SIZE, type FaultMall } from '../support/fault-world.ts';
import type { Started } from '../support/program.ts';
import { beforeEndOf, freeze, thaw, until } from '../support/process-signals.ts';

const db = await createTestDatabase();
const world = await openFaultWorld(db.url);
afterAll(() => world.close());
await installPageLatch(world);

const ROWS = 130;
const PAGES = Math.ceil(ROWS / PAGE_SIZE);

/** The zombie goes on after its successor has ended everything, and nothing of the mall changes by it. */
async function expectHarmless(zombie: Started, mall: FaultMall): Promise<void> {
  const before = await takeSnapshot(world, mall);
  thaw(zombie);
  expect(await zombie.finished).toMatchObject({ exitCode: 75 });
  expect(await takeSnapshot(world, mall)).toEqual(before);
  await expectTruth(world, mall);
  await expectPagesCountedOnce(world);
  expect(await listExecutionRows(world, mall)).toMatchObject([
    { status: 'COMPLETED', read: ROWS, pages: PAGES, fence_token: 2 },
  ]);
}

interface Border {
  readonly title: string;
  readonly pages: number;
  readonly next: (call: GateCall, calls: readonly GateCall[]) => boolean;
}

const BORDERS: readonly Border[] = [
  { title: 'the first page', pages: 0, next: isPageFrom(0) },
  { title: 'a page in the middle', pages: 4, next: isPageFrom(4 * PAGE_SIZE) },
  {
    title: 'the count that ends the window',
    pages: PAGES,
    next: (call, calls) =>
      call.path.endsWith('/count') && calls.filter(({ path }) => path.endsWith('/count')).length > 1,
  },
];

test.each(BORDERS)('a process frozen past its lease before $title writes nothing more', async ({ pages, next }) => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const gate = await world.openGate();
  const held = gate.hold((call) => next(call, gate.calls));
  const zombie = world.startSync({ mall, gate });
  await beforeEndOf(zombie, held.arrived);
  await until('the pages before it', async () => (await listExecutionRows(world, mall))[0]?.pages === pages);
  await freeze(zombie);
  held.release();
  expect(await world.sync({ mall })).toMatchObject({ exitCode: 0 });
  await expectHarmless(zombie, mall);
});

test.each([
  { title: 'that stands idle', isStatementEnded: true },
  { title: 'whose statement waits for a lock', isStatementEnded: false },
])('a process frozen inside a page transaction $title does not hold up its successor', async ({ isStatementEnded }) => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const page = await holdPage(world, mall, 2 * PAGE_SIZE);
  const zombie = world.startSync({ mall });
  await beforeEndOf(zombie, page.blocked());
  await freeze(zombie);
  if (isStatementEnded) await page.release();
  else {
    await until('the statement of the frozen process to be given up', async () => (await listWaiting()) === 0);
    await page.release();
  }
  expect(await sumStored(world, mall, 'MEMBER')).toMatchObject({ count: 2 * PAGE_SIZE });
  expect(await world.sync({ mall })).toMatchObject({ exitCode: 0 });
  await expectHarmless(zombie, mall);
});

async function listWaiting(): Promise<number> {
  return (await world.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).length;
}

test.each([{ asked: ['sync', 'sync', 'sync', 'sync'] as const }, { asked: ['sync', 'run', 'sync', 'run'] as const }])(
  'of processes that start one instance at once ($asked) one runs and the others end with 75',
  async ({ asked }) => {
    const mall = await world.addMall({ membersPerDay: ROWS });
    const gate = await world.openGate();
    const held = gate.hold(isPageFrom(PAGE_SIZE));
    const finished = asked.map((command) => world[command]({ mall, gate, leaseSeconds: HOLDER_LEASE_SECONDS }));
    await held.arrived;
    let losers = 0;
    for (const each of finished) void each.then(() => (losers += 1));
    await until('the others to give up', async () => losers === asked.length - 1, 30_000);
    expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'RUNNING', fence_token: 1, pages: 1 }]);
    held.release();
    const codes = (await Promise.all(finished)).map(({ exitCode }) => exitCode);
    expect(codes.toSorted((a, b) => (a ?? -1) - (b ?? -1))).toEqual([0, 75, 75, 75]);
    expect(new Set(gate.calls.filter(isPageFrom(0)).map(({ query }) => query.get('offset'))).size).toBe(
      gate.calls.filter(isPageFrom(0)).length,
    );
    await expectTruth(world, mall);
    await expectPagesCountedOnce(world);
    expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'COMPLETED', fence_token: 1, pages: PAGES }]);
  },
);

test('a process that waits for the holder of its execution finds it complete in the end', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const [holderGate, gate] = [await world.openGate(), await world.openGate()];
  const held = holderGate.hold(isPageFrom(PAGE_SIZE));
  const leaseSeconds = HOLDER_LEASE_SECONDS;
  const holder = world.startSync({ mall, gate: holderGate, leaseSeconds });
  await beforeEndOf(holder, held.arrived);
  const waiter = world.startSync({ mall, gate, leaseSeconds });
  await beforeEndOf(waiter, sleep(2_000));
  held.release();
  expect(await holder.finished).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout } = await waiter.finished;
  expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({ exitCode: 0, alreadyComplete: true, read: 0 });
  expect(gate.calls).toEqual([]);
  await expectTruth(world, mall);
});

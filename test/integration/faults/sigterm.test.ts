import { afterAll, expect, test, vi } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { isPageFrom } from '../../support/fault-gate.ts';
import { expectPagesCountedOnce, expectTruth, listExecutionRows, listWindowRows } from '../../support/fault-ledger.ts';
import { holdPage, installPageLatch } from '../../support/fault-latch.ts';
import { openFaultWorld, PAGE_SIZE, type FaultMall } from '../../support/fault-world.ts';
import { beforeEndOf, until } from '../../support/process-signals.ts';

vi.setConfig({ testTimeout: 120_000 });
const db = await createTestDatabase();
const world = await openFaultWorld(db.url);
afterAll(() => world.close());
await installPageLatch(world);

const ROWS = 130;

/** The execution waits for its next claimer, which goes on at the page and ends it. */
async function expectResumeAt(mall: FaultMall, offset: number): Promise<void> {
  expect(await listWindowRows(world, mall)).toMatchObject([{ state: 'OPEN', next_offset: offset, rows_seen: offset }]);
  expect(await listExecutionRows(world, mall)).toMatchObject([
    { status: 'RUNNING', is_held: false, last_reason: 'Stopped', exit_code: null, read: offset },
  ]);
  const gate = await world.openGate();
  expect(await world.sync({ mall, gate })).toMatchObject({ exitCode: 0 });
  const offsets = gate.calls.filter(isPageFrom(0)).map(({ query }) => Number(query.get('offset')));
  expect(Math.min(...offsets)).toBe(offset);
  await expectTruth(world, mall);
  await expectPagesCountedOnce(world);
  expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'COMPLETED', read: ROWS, fence_token: 2 }]);
}

test('SIGTERM while an answer is awaited ends at the page border with 143', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const gate = await world.openGate();
  gate.hold(isPageFrom(2 * PAGE_SIZE));
  const started = world.startSync({ mall, gate });
  const committed = until('two pages', async () => (await listExecutionRows(world, mall))[0]?.pages === 2);
  await beforeEndOf(started, committed);
  started.process.kill('SIGTERM');
  expect(await started.finished).toMatchObject({ exitCode: 143, signal: null });
  await expectResumeAt(mall, 2 * PAGE_SIZE);
});

test('SIGTERM inside a page transaction lets that page commit first', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const page = await holdPage(world, mall, 2 * PAGE_SIZE);
  const gate = await world.openGate();
  const ahead = gate.hold(isPageFrom(3 * PAGE_SIZE));
  const started = world.startSync({ mall, gate });
  await beforeEndOf(started, Promise.all([page.blocked(), ahead.arrived]));
  started.process.kill('SIGTERM');
  // the signal has been heard
  await beforeEndOf(started, ahead.givenUp);
  await page.release();
  expect(await started.finished).toMatchObject({ exitCode: 143, signal: null });
  await expectResumeAt(mall, 3 * PAGE_SIZE);
});

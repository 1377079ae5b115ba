import { afterAll, expect, test, vi } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { isPageFrom } from '../../support/fault-gate.ts';
import {
  expectPagesCountedOnce,
  expectTruth,
  listExecutionRows,
  sumStored,
  takeSnapshot,
} from '../../support/fault-ledger.ts';
import { openFaultWorld, PAGE_SIZE } from '../../support/fault-world.ts';
import { beforeEndOf, freeze, thaw, until } from '../../support/process-signals.ts';

vi.setConfig({ testTimeout: 120_000 });
const db = await createTestDatabase();
const world = await openFaultWorld(db.url);
afterAll(() => world.close());

const ROWS = 130;
const BORDER = 3 * PAGE_SIZE;

test('a process that slept past its lease writes nothing of the page in its hands and exits 75', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const [zombieGate, successorGate] = [await world.openGate(), await world.openGate()];
  const zombiePage = zombieGate.hold(isPageFrom(BORDER));
  const zombie = world.startSync({ mall, gate: zombieGate });
  const committed = until(
    'the pages below the border',
    async () => (await listExecutionRows(world, mall))[0]?.pages === 3,
  );
  await beforeEndOf(zombie, committed);
  await freeze(zombie);
  zombiePage.release();

  // held at the very page that the zombie has in its hands: nothing but the fence can refuse that one
  const successorPage = successorGate.hold(isPageFrom(BORDER));
  const successor = world.startSync({ mall, gate: successorGate });
  await beforeEndOf(successor, successorPage.arrived);
  const before = await takeSnapshot(world, mall);
  expect(await sumStored(world, mall, 'MEMBER')).toMatchObject({ count: BORDER });

  thaw(zombie);
  expect(await zombie.finished).toMatchObject({ exitCode: 75 });
  expect(await takeSnapshot(world, mall)).toEqual(before);

  successorPage.release();
  expect(await successor.finished).toMatchObject({ exitCode: 0 });
  await expectTruth(world, mall);
  await expectPagesCountedOnce(world);
  expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'COMPLETED', read: ROWS, fence_token: 2 }]);
});

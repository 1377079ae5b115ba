import { afterAll, expect, test, vi } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { isPageFrom } from '../../support/fault-gate.ts';
import { expectPagesCountedOnce, expectTruth, listExecutionRows, listWindowRows } from '../../support/fault-ledger.ts';
import { holdPage, installPageLatch } from '../../support/fault-latch.ts';
import { DAY, openFaultWorld, PAGE_SIZE, type FaultMall } from '../../support/fault-world.ts';
import { beforeEndOf, killHard, until } from '../../support/process-signals.ts';

vi.setConfig({ testTimeout: 120_000 });
const db = await createTestDatabase();
const world = await openFaultWorld(db.url);
afterAll(() => world.close());
await installPageLatch(world);

const ROWS = 130;

/** Lets a process commit the pages below `offset`, and kills it while it waits for the answer of the next one. */
async function killBefore(mall: FaultMall, offset: number): Promise<void> {
  const gate = await world.openGate();
  gate.hold(isPageFrom(offset));
  const started = world.startSync({ mall, gate });
  const committed = until(
    `the pages below ${offset}`,
    async () => (await listWindowRows(world, mall))[0]?.next_offset === offset,
  );
  await beforeEndOf(started, committed);
  expect(await killHard(started)).toBe(true);
}

test('a process killed between two pages is gone on with at the page by the next one', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  await killBefore(mall, 3 * PAGE_SIZE);
  expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'RUNNING', pages: 3, fence_token: 1 }]);
  const gate = await world.openGate();
  expect(await world.sync({ mall, gate })).toMatchObject({ exitCode: 0 });
  const offsets = gate.calls.filter(isPageFrom(0)).map(({ query }) => Number(query.get('offset')));
  expect(Math.min(...offsets)).toBe(3 * PAGE_SIZE);
  await expectTruth(world, mall);
  await expectPagesCountedOnce(world);
  expect(await listExecutionRows(world, mall)).toMatchObject([
    {
      status: 'COMPLETED',
      attempt_count: 1,
      fence_token: 2,
      read: ROWS,
      inserted: ROWS,
      pages: Math.ceil(ROWS / PAGE_SIZE),
    },
  ]);
  const keys: unknown[] = [];
  for await (const row of world.simulator.control.readRows(mall.cafe24MallId, { domainType: 'MEMBER', ...DAY })) {
    keys.push([row['member_id'], row['email'], row['cellphone'], row['nick_name']]);
  }
  const stored = await world.query(
    'select member_id, email, cellphone, nick_name from mallsync.tb_member where mall_id = $1',
    [mall.mallId],
  );
  expect(new Set(stored.map((row) => JSON.stringify(Object.values(row))))).toEqual(
    new Set(keys.map((row) => JSON.stringify(row))),
  );
});

test('a process killed inside a page transaction leaves nothing of that page', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const page = await holdPage(world, mall, PAGE_SIZE);
  const started = world.startSync({ mall });
  await beforeEndOf(started, page.blocked());
  expect(await killHard(started)).toBe(true);
  await page.release();
  expect(await listExecutionRows(world, mall)).toMatchObject([{ pages: 1, read: PAGE_SIZE }]);
  expect(await world.sync({ mall })).toMatchObject({ exitCode: 0 });
  await expectTruth(world, mall);
  await expectPagesCountedOnce(world);
  expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'COMPLETED', read: ROWS }]);
});

test('rows that moved across the border between a kill and the resume are noticed and read again', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  await killBefore(mall, 3 * PAGE_SIZE);
  const edit = { domainType: 'MEMBER', op: 'remove', ...DAY, count: 1 } as const;
  const [removed] = world.simulator.control.editRows(mall.cafe24MallId, edit);
  expect(await world.sync({ mall })).toMatchObject({ exitCode: 0 });
  await expectTruth(world, mall);
  expect(await listWindowRows(world, mall)).toMatchObject([{ state: 'COMPLETE', rereads: 1 }]);
  const gone = 'select member_id from mallsync.tb_member where mall_id = $1 and missing_since is not null';
  expect(await world.query(gone, [mall.mallId])).toEqual([{ member_id: removed?.split('|').at(-1) }]);
  await expectPagesCountedOnce(world);
});

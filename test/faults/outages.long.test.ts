import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { isPageFrom } from '../support/fault-gate.ts';
import { expectPagesCountedOnce, expectTruth, listExecutionRows } from '../support/fault-ledger.ts';
import { openFaultWorld, PAGE_SIZE } from '../support/fault-world.ts';
import { beforeEndOf, until } from '../support/process-signals.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const db = await createTestDatabase();
const world = await openFaultWorld(db.url);
const target = new URL(db.url);
const proxy = await startTcpProxy(target.hostname, Number(target.port));
afterAll(async () => {
  await world.close();
  await proxy.close();
});

const ROWS = 130;
const LIVE = expect.stringMatching(/^(RUNNING|WAITING)$/);

/** The whole retry budget is waited out here, at the program's own pace: about a minute and a half each. */
test.concurrent('an API that stays down ends a sync with 69, and the next one goes on at the page', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const { control } = world.simulator;
  control.addFault(mall.cafe24MallId, { endpoint: 'customersprivacy', kind: 'text-503', afterCalls: 3 });
  expect(await world.sync({ mall })).toMatchObject({ exitCode: 69 });
  expect(await listExecutionRows(world, mall)).toMatchObject([
    { status: LIVE, is_held: false, last_reason: 'UpstreamUnavailable', exit_code: null, pages: 3 },
  ]);
  control.clearFaults(mall.cafe24MallId);
  const gate = await world.openGate();
  expect(await world.sync({ mall, gate })).toMatchObject({ exitCode: 0 });
  const offsets = gate.calls.filter(isPageFrom(0)).map(({ query }) => Number(query.get('offset')));
  expect(Math.min(...offsets)).toBe(3 * PAGE_SIZE);
  await expectTruth(world, mall);
  expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'COMPLETED', read: ROWS, fence_token: 2 }]);
});

test.concurrent('a database that stays away ends a sync with 69, and the next one takes over at the page', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const databaseUrl = Object.assign(new URL(db.url), { hostname: proxy.host, port: String(proxy.port) }).href;
  const gate = await world.openGate();
  const held = gate.hold(isPageFrom(3 * PAGE_SIZE));
  const sync = world.startSync({ mall, gate, databaseUrl });
  await beforeEndOf(
    sync,
    until('three pages', async () => (await listExecutionRows(world, mall))[0]?.pages === 3),
  );
  await proxy.cut();
  held.release();
  expect(await sync.finished).toMatchObject({ exitCode: 69 });
  expect(await listExecutionRows(world, mall)).toMatchObject([
    { status: LIVE, is_held: false, last_reason: null, exit_code: null, pages: 3 },
  ]);
  expect(await world.sync({ mall })).toMatchObject({ exitCode: 0 });
  await expectTruth(world, mall);
  expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'COMPLETED', read: ROWS, fence_token: 2 }]);
});

test('a network that breaks again and again costs time only', async () => {
  const mall = await world.addMall({ membersPerDay: 20 * ROWS });
  await proxy.mend();
  const databaseUrl = Object.assign(new URL(db.url), { hostname: proxy.host, port: String(proxy.port) }).href;
  const sync = world.startSync({ mall, databaseUrl });
  for (let breaks = 1; breaks <= 6; breaks += 1) {
    await beforeEndOf(
      sync,
      until(`page ${breaks * 10}`, async () => ((await listExecutionRows(world, mall))[0]?.pages ?? 0) >= breaks * 10),
    );
    await proxy.cut();
    await sleep(300);
    await proxy.mend();
  }
  expect(await sync.finished).toMatchObject({ exitCode: 0 });
  await expectTruth(world, mall);
  await expectPagesCountedOnce(world);
  expect(await listExecutionRows(world, mall)).toMatchObject([
    { status: 'COMPLETED', read: 20 * ROWS, fence_token: 1 },
  ]);
});

test('an API that is down for a while costs time only, however many pages were asked for ahead', async () => {
  const mall = await world.addMall({ membersPerDay: 10 * ROWS, behaviour: { latencyMs: 200 } });
  const sync = world.startSync({ mall });
  const committed = until('pages', async () => ((await listExecutionRows(world, mall))[0]?.pages ?? 0) >= 20);
  await beforeEndOf(sync, committed);
  const { control } = world.simulator;
  control.addFault(mall.cafe24MallId, { endpoint: 'customersprivacy', kind: 'text-503', forMs: 12_000 });
  expect(await sync.finished).toMatchObject({ exitCode: 0 });
  await expectTruth(world, mall);
  await expectPagesCountedOnce(world);
});

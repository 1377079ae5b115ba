import { afterAll, expect, test, vi } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { holdCommit, installPageLatch } from '../../support/fault-latch.ts';
import { expectPagesCountedOnce, expectTruth, listExecutionRows } from '../../support/fault-ledger.ts';
import { openFaultWorld, PAGE_SIZE } from '../../support/fault-world.ts';
import { beforeEndOf } from '../../support/process-signals.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

vi.setConfig({ testTimeout: 120_000 });
const db = await createTestDatabase();
const world = await openFaultWorld(db.url);
const target = new URL(db.url);
const proxy = await startTcpProxy(target.hostname, Number(target.port));
afterAll(async () => {
  await world.close();
  await proxy.close();
});
await installPageLatch(world);

const ROWS = 130;

test('a page whose commit was done but never heard of is not counted again', async () => {
  const mall = await world.addMall({ membersPerDay: ROWS });
  const commit = await holdCommit(world, mall, 2 * PAGE_SIZE);
  const databaseUrl = Object.assign(new URL(db.url), { hostname: proxy.host, port: String(proxy.port) }).href;
  const sync = world.startSync({ mall, databaseUrl });
  await beforeEndOf(sync, commit.blocked());
  await proxy.cut();
  await commit.release();
  await proxy.mend();
  expect(await sync.finished).toMatchObject({ exitCode: 0 });
  await expectTruth(world, mall);
  await expectPagesCountedOnce(world);
  expect(await listExecutionRows(world, mall)).toMatchObject([
    { status: 'COMPLETED', read: ROWS, pages: Math.ceil(ROWS / PAGE_SIZE), fence_token: 1 },
  ]);
});

import { afterAll, describe, expect, test, vi } from 'vitest';
import { from as copyFrom } from 'pg-copy-streams';
import { sql } from 'slonik';
import { claimWithPatience } from '../../../src/adapters/postgres/claim.ts';
import { lockExecution } from '../../../src/adapters/postgres/execution-fence.ts';
import { inTransaction } from '../../../src/adapters/postgres/page-session.ts';
import { createRetryRequests } from '../../../src/adapters/postgres/retry-request.ts';
import { isServed, listenUntilAborted, RETRY_REQUEST_CHANNEL } from '../../../src/adapters/postgres/listen.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { claimNew } from '../../support/database-probe.ts';
import { createTestDatabase } from '../../support/database.ts';
import { isPageFrom } from '../../support/fault-gate.ts';
import { expectPagesCountedOnce, expectTruth, listExecutionRows, takeSnapshot } from '../../support/fault-ledger.ts';
import { holdPage, installPageLatch } from '../../support/fault-latch.ts';
import { DAY, HOLDER_LEASE_SECONDS, openFaultWorld, PAGE_SIZE } from '../../support/fault-world.ts';
import { openPooler } from '../../support/pgbouncer.ts';
import { beforeEndOf, freeze, killHard, thaw, until } from '../../support/process-signals.ts';

vi.setConfig({ testTimeout: 120_000 });
const db = await createTestDatabase();
const ROWS = 130;

const pooler = await openPooler(db.url, { poolSize: 2 });
const urls = { MALLSYNC_DATABASE_URL: pooler.url, MALLSYNC_DATABASE_DIRECT_URL: db.url };
const world = await openFaultWorld(db.url, { environment: urls });
afterAll(() => world.close());
await installPageLatch(world);
const openPooled = () => db.open({ url: pooler.url, directUrl: db.url, leaseSeconds: 2 });

describe.skipIf(pooler.isMissing)('behind a pooler', () => {
  test('a process killed inside a page transaction leaves nothing of the page, and the next one goes on', async () => {
    const mall = await world.addMall({ membersPerDay: ROWS });
    const page = await holdPage(world, mall, PAGE_SIZE);
    const started = world.startSync({ mall });
    await beforeEndOf(started, page.blocked());
    expect(await killHard(started)).toBe(true);
    await page.release();
    expect(await listExecutionRows(world, mall)).toMatchObject([{ pages: 1, read: PAGE_SIZE, fence_token: 1 }]);
    expect(await world.sync({ mall })).toMatchObject({ exitCode: 0 });
    await expectTruth(world, mall);
    await expectPagesCountedOnce(world);
    expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'COMPLETED', read: ROWS, fence_token: 2 }]);
  });

  test.each([
    { title: 'that stands idle', isStatementEnded: true },
    { title: 'whose statement waits for a lock', isStatementEnded: false },
  ])('a process frozen inside a page transaction $title holds nobody up', async ({ isStatementEnded }) => {
    const mall = await world.addMall({ membersPerDay: ROWS });
    const page = await holdPage(world, mall, 2 * PAGE_SIZE);
    const zombie = world.startSync({ mall });
    await beforeEndOf(zombie, page.blocked());
    await freeze(zombie);
    if (isStatementEnded) await page.release();
    else {
      const waiting = `select 1 from pg_locks where locktype = 'advisory' and not granted`;
      await until('the statement to be given up', async () => (await world.query(waiting)).length === 0);
      await page.release();
    }
    expect(await world.sync({ mall, leaseSeconds: HOLDER_LEASE_SECONDS })).toMatchObject({ exitCode: 0 });
    const before = await takeSnapshot(world, mall);
    thaw(zombie);
    expect(await zombie.finished).toMatchObject({ exitCode: 75 });
    expect(await takeSnapshot(world, mall)).toEqual(before);
    await expectTruth(world, mall);
    await expectPagesCountedOnce(world);
    expect(await listExecutionRows(world, mall)).toMatchObject([{ status: 'COMPLETED', read: ROWS, fence_token: 2 }]);
  });

  test('the server ends any transaction that its process sleeps in, and so does it with its locks', async () => {
    const database = await openPooled();
    const [mall, unavailable] = [await world.addMall(), { reason: 'DatabaseUnavailable', isTransient: true }];
    const lock = sql.unsafe`select 1 from mallsync.tb_mall_config where mall_id = ${mall.mallId} for update`;
    const locked = () =>
      world.query('select 1 from mallsync.tb_mall_config where mall_id = $1 for update skip locked', [mall.mallId]);
    const asleep = database.pool.transaction(async (transaction) => {
      await transaction.query(lock);
      expect(await locked()).toEqual([]);
      await until('the server to free the lock', async () => (await locked()).length > 0);
      await transaction.query(lock);
    });
    await expect(asleep).rejects.toMatchObject(unavailable);
    await expect(database.pool.transaction((transaction) => transaction.query(lock))).resolves.toMatchObject({
      rowCount: 1,
    });
  });

  test.each([
    { title: 'by the pooler', way: pooler.url },
    { title: 'directly', way: db.url },
  ])(
    'a process that came $title and is frozen in the middle of COPY loses its execution all the same',
    async ({ way }) => {
      const database = await db.open({ url: way, directUrl: db.url, leaseSeconds: 2 });
      const execution = await claimNew(database, { mallId: (await world.addMall()).mallId });
      const ended = Promise.withResolvers<unknown>();
      const frozen = inTransaction(database, async (client) => {
        await lockExecution(database, client, execution);
        const copying = client.query(copyFrom('copy mallsync.tb_missed_slot from stdin'));
        copying.write('half a row');
        copying.on('error', ended.resolve);
        throw await ended.promise;
      });
      const outcome = frozen.catch((error: unknown) => error);
      const never = new AbortController().signal;
      const claimed = await claimWithPatience(await openPooled(), execution.executionId, 'next', systemClock, never);
      expect(claimed).toMatchObject({ kind: 'claimed', execution: { fenceToken: execution.fenceToken + 1 } });
      expect(await outcome).toMatchObject({ reason: 'DatabaseUnavailable', isTransient: true });
    },
  );

  test('a run goes on after the pooler has died under it and come back', async () => {
    const mall = await world.addMall({ membersPerDay: ROWS });
    const gate = await world.openGate();
    const page = gate.hold(isPageFrom(2 * PAGE_SIZE));
    const running = world.start(
      [
        'run',
        '--json',
        '--malls',
        String(mall.mallId),
        '--domain',
        'MEMBER',
        '--page-size',
        String(PAGE_SIZE),
        '--start',
        DAY.startDate,
        '--end',
        DAY.endDate,
      ],
      { gate, leaseSeconds: 20 },
    );
    await beforeEndOf(running, page.arrived);
    await pooler.restart();
    page.release();
    expect(await running.finished).toMatchObject({ exitCode: 0 });
    await expectTruth(world, mall);
    await expectPagesCountedOnce(world);
  });

  test('who listens does so past the pooler, is told of requests, and is known to listen only as long as it does', async () => {
    const database = await openPooled();
    const serving = await db.open({ url: pooler.url, directUrl: db.url, applicationName: 'mallsync serve' });
    const stop = new AbortController();
    let signals = 0;
    const listener = { channel: RETRY_REQUEST_CHANNEL, onSignal: () => (signals += 1), onTrouble: () => undefined };
    const listening = listenUntilAborted(serving, listener, systemClock, stop.signal);
    await expect.poll(() => signals).toBe(1);
    expect(await isServed(database)).toBe(true);
    expect(await isServed({ ...database, schema: 'another' })).toBe(false);
    const listeners = await world.query<{ pid: number }>(
      `select pid from pg_stat_activity where query ilike 'listen%' and datname = current_database()`,
    );
    const backends = await pooler.listBackends();
    expect(listeners).toHaveLength(1);
    expect(listeners.filter(({ pid }) => backends.includes(pid))).toEqual([]);
    const mall = await world.addMall();
    await createRetryRequests(database).create('a wish', {
      kind: 'RUN',
      domainType: 'MEMBER',
      ...DAY,
      pageSize: 100,
      fingerprints: null,
      mallIds: [mall.mallId],
      requestedBy: 'test',
      reason: '',
    });
    await expect.poll(() => signals).toBe(2);
    stop.abort();
    await listening;
    await serving.pool.query(sql.unsafe`select 1`);
    const mine = await world.query(
      `select from pg_stat_activity where application_name = 'mallsync serve' and datname = current_database()`,
    );
    expect(mine).toHaveLength(1);
    expect(await isServed(database)).toBe(false);
  });
});

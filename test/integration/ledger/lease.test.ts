import { Client } from 'pg';
import { expect, test } from 'vitest';
import { claimExecution, claimWithPatience } from '../../../src/adapters/postgres/claim.ts';
import { abandonLostExecutions, stopExecution } from '../../../src/adapters/postgres/execution-stop.ts';
import { findExecution, listTakeable } from '../../../src/adapters/postgres/execution-store.ts';
import { createLeaseKeeper } from '../../../src/adapters/postgres/lease-keeper.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { LeaseLostError } from '../../../src/domain/errors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aRequest, claim, claimNew, probeStore } from '../../support/database-probe.ts';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';

const db = await createTestDatabase();
const never = new AbortController().signal;

async function age(executionId: number, seconds: number) {
  await db.query(
    `update mallsync.tb_batch_execution_summary
     set lease_until = lease_until - make_interval(secs => $2), requested_at = requested_at - make_interval(secs => $2)
     where execution_id = $1`,
    [executionId, seconds],
  );
}

test('one of ten claimers gets the execution', async () => {
  const database = await db.open({ poolSize: 10 });
  const admission = await admitExecution(database, aRequest());
  const executionId = admission.kind === 'admitted' ? admission.executionId : 0;
  const results = await Promise.all(
    Array.from({ length: 10 }, (_, index) => claimExecution(database, executionId, `pod ${index}`)),
  );
  expect(results.filter((result) => result.kind === 'claimed')).toHaveLength(1);
  for (const result of results) if (result.kind === 'busy') expect(result.leaseEndsInMs).toBeGreaterThan(25_000);
  expect(await findExecution(database, executionId)).toMatchObject({
    status: 'RUNNING',
    startedAtMs: expect.any(Number),
  });
});

test('a lease ends by the clock of the database and the next claim raises the fence', async () => {
  const database = await db.open();
  const first = await claimNew(database);
  const before = await findExecution(database, first.executionId);
  await age(first.executionId, 29);
  expect(await claimExecution(database, first.executionId, 'next')).toMatchObject({ kind: 'busy', holder: 'test' });
  await age(first.executionId, 1);
  const second = await claim(database, first.executionId, 'next');
  expect(second.fenceToken).toBe(first.fenceToken + 1);
  expect((await findExecution(database, first.executionId))?.startedAtMs).toBe(before?.startedAtMs);
});

test('a renewal extends the lease, stores the state, and goes by a page that holds the row', async () => {
  const database = await db.open();
  const execution = await claimNew(database);
  const leases = createLeaseKeeper(database);
  await age(execution.executionId, 20);
  await leases.renew(execution, 'WAITING');
  const renewed = await findExecution(database, execution.executionId);
  expect(renewed).toMatchObject({ status: 'WAITING' });
  expect(renewed?.leaseEndsInMs).toBeGreaterThan(28_000);
  const page = new Client({ connectionString: db.url });
  await page.connect();
  await page.query('begin');
  await page.query('select 1 from mallsync.tb_batch_execution_summary where execution_id = $1 for update', [
    execution.executionId,
  ]);
  await expect(leases.renew(execution, 'RUNNING')).resolves.toBeUndefined();
  await page.end();
});

test('a process frozen inside a transaction cannot block its successor', async () => {
  const database = await db.open({ leaseSeconds: 2 });
  const frozen = await claimNew(database);
  const blocked = database.withSession(async (client) => {
    await client.query(database.beginSql);
    await client.query('select 1 from mallsync.tb_batch_execution_summary where execution_id = $1 for update', [
      frozen.executionId,
    ]);
    await systemClock.sleep(4_500, never);
    await client.query('commit');
  });
  const blockedEnd = blocked.catch((error: unknown) => error);
  const result = await claimWithPatience(database, frozen.executionId, 'successor', systemClock, never);
  expect(result).toMatchObject({ kind: 'claimed', execution: { fenceToken: frozen.fenceToken + 1 } });
  expect(await blockedEnd).toMatchObject({ reason: 'DatabaseUnavailable', isTransient: true });
});

test('patience ends after two leases while the holder lives', async () => {
  const database = await db.open({ leaseSeconds: 1 });
  const holder = await claimNew(database);
  const leases = createLeaseKeeper(database);
  const stop = new AbortController();
  const beating = (async () => {
    while (!stop.signal.aborted) {
      await leases.renew(holder, 'RUNNING');
      await systemClock.sleep(200, stop.signal).catch(() => undefined);
    }
  })();
  const begunMs = performance.now();
  const result = await claimWithPatience(database, holder.executionId, 'other', systemClock, never);
  expect(result.kind).toBe('busy');
  expect(performance.now() - begunMs).toBeGreaterThanOrEqual(2_000);
  stop.abort();
  await beating;
});

test('a released execution stays live and is taken over at once', async () => {
  const database = await db.open();
  const execution = await claimNew(database, { installationId: 'here' });
  const ledger = createLedger({ database, store: probeStore });
  expect(await listTakeable(database, 'here')).toEqual([]);
  await ledger.releaseExecution(execution, 'UpstreamUnavailable', 'answered 503');
  const takeable = await listTakeable(database, 'here');
  expect(takeable).toMatchObject([
    {
      executionId: execution.executionId,
      status: 'RUNNING',
      lastReason: 'UpstreamUnavailable',
      lastMessage: 'answered 503',
    },
  ]);
  expect(await listTakeable(database, 'elsewhere')).toEqual([]);
  expect((await claim(database, execution.executionId)).fenceToken).toBe(execution.fenceToken + 1);
});

test('a stop ends a run under its holder', async () => {
  const database = await db.open();
  const execution = await claimNew(database);
  expect(await stopExecution(database, execution.executionId, 'by the operator')).toBe(true);
  expect(await stopExecution(database, execution.executionId, 'by the operator')).toBe(false);
  await expect(createLeaseKeeper(database).renew(execution, 'RUNNING')).rejects.toBeInstanceOf(LeaseLostError);
  expect(await findExecution(database, execution.executionId)).toMatchObject({
    status: 'STOPPED',
    exitCode: 143,
    failureReason: 'Stopped',
    leaseEndsInMs: null,
  });
  expect(await claimExecution(database, execution.executionId, 'next')).toEqual({ kind: 'settled', status: 'STOPPED' });
});

test('what nobody held for a day is abandoned, and may be attempted again', async () => {
  const database = await db.open();
  const request = aRequest();
  const admission = await admitExecution(database, request);
  const executionId = admission.kind === 'admitted' ? admission.executionId : 0;
  const held = await claimNew(database);
  await age(executionId, 25 * 3_600);
  expect(await abandonLostExecutions(database)).toEqual([executionId]);
  expect(await findExecution(database, executionId)).toMatchObject({ status: 'ABANDONED', failureReason: 'Lost' });
  expect(await findExecution(database, held.executionId)).toMatchObject({ status: 'RUNNING' });
  expect(await admitExecution(database, request)).toMatchObject({ kind: 'admitted', attemptCount: 2 });
});

import { beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { loadFleetGauges } from '../../../src/adapters/postgres/fleet-gauges.ts';
import type { ControllerLedger } from '../../../src/controller/controller-ledger.ts';
import { createTestDatabase } from '../../support/database.ts';
import { claimNew, createProbeTable } from '../../support/database-probe.ts';
import { addMalls, aMallSync, anOutcome, aSpec, claim, complete, fail, lead, runOf } from './ledger-fixture.ts';

const db = await createTestDatabase();
await createProbeTable(db);
let database: Database;

beforeAll(async () => {
  database = await db.open({ writerConnections: 2 });
  await addMalls(db, 5);
});

/** In an installation of its own, so that its live runs are all there are. */
let installations = 0;
function leadAnew(): Promise<ControllerLedger> {
  installations += 1;
  return lead(database, `installation ${installations}`);
}

test('a launch is noted once, with the first name, on live runs only', async () => {
  const ledger = await leadAnew();
  const mallSync = aMallSync();
  const before = await ledger.admit(mallSync, aSpec({ mallIds: [1, 2, 3] }));
  const [first, second, third] = before.runs;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three runs');
  await complete(database, third.executionId);
  await ledger.markLaunched(
    [third, second, first].map(({ executionId }) => ({ executionId, jobName: `job-${executionId}` })),
  );
  await ledger.markLaunched([{ executionId: first.executionId, jobName: 'another' }]);
  const state = await ledger.load(mallSync.uid);
  expect(state.runs.map(({ jobName }) => jobName)).toEqual([
    `job-${first.executionId}`,
    `job-${second.executionId}`,
    null,
  ]);
  expect(state.runs[0]?.launchedAgoMs).toBeGreaterThanOrEqual(0);
  expect(state.runs[0]?.launchedAgoMs).toBeLessThan(60_000);
  expect(state.runs[2]?.launchedAgoMs).toBeNull();
  expect(state.runs[2]?.endedAgoMs).toBeGreaterThanOrEqual(0);
});

test('another installation’s runs are not its to note or to count', async () => {
  const [one, two] = [await leadAnew(), await leadAnew()];
  const mallSync = aMallSync();
  const { executionId } = runOf(await one.admit(mallSync, aSpec()), 1);
  await two.markLaunched([{ executionId, jobName: 'job' }]);
  expect(runOf(await one.load(mallSync.uid), 1).jobName).toBeNull();
  expect(await two.loadWaiting(10)).toEqual([]);
  expect(await two.listOwners()).toEqual([]);
});

test('what waits is told in the order it was admitted, with how much there is', async () => {
  const ledger = await leadAnew();
  const [one, two, done] = [aMallSync(), aMallSync(), aMallSync()];
  const first = await ledger.admit(one, aSpec({ mallIds: [5, 4, 3, 2, 1] }));
  const second = await ledger.admit(two, aSpec({ mallIds: [1, 2] }));
  const ended = await ledger.admit(done, aSpec({ mallIds: [1] }));
  await fail(database, runOf(ended, 1).executionId);
  await ledger.markLaunched([
    ...second.runs.map(({ executionId }) => ({ executionId, jobName: `job-${executionId}` })),
    { executionId: runOf(first, 2).executionId, jobName: 'job' },
  ]);
  await claim(database, runOf(first, 2).executionId);
  const waiting = await ledger.loadWaiting(2);
  expect(waiting).toEqual([
    {
      mallSyncUid: one.uid,
      waiting: 4,
      next: [1, 3].map((mallId) => {
        const { executionId, instanceId, attemptCount, pageSize } = runOf(first, mallId);
        return { executionId, instanceId, mallId, attemptCount, pageSize };
      }),
    },
  ]);
  expect((await ledger.loadWaiting(100)).flatMap(({ next }) => next.map(({ mallId }) => mallId))).toEqual([1, 3, 4, 5]);
  const owners = await ledger.listOwners();
  expect(owners.toSorted((a, b) => (a.uid < b.uid ? -1 : 1))).toEqual(
    [one, two].map(({ uid, name }) => ({ uid, name })).toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
  );
});

test('the gauges count runs with a Job as active and runs without as waiting, and local ones by what they do', async () => {
  const gauges = async () => {
    const { jobs_active: active, jobs_waiting: waiting } = await loadFleetGauges(database.pool, {
      nowMs: Date.now(),
      nightDeadline: '07:00',
      freshnessTargetHours: 30,
      hasMallSeries: false,
    });
    return [active[0]?.value, waiting[0]?.value];
  };
  await db.query(`update mallsync.tb_batch_execution_summary set status = 'STOPPED', ended_at = now()`);
  expect(await gauges()).toEqual([0, 0]);
  const ledger = await leadAnew();
  const mallSync = aMallSync();
  const state = await ledger.admit(mallSync, aSpec({ mallIds: [1, 2, 3] }));
  expect(await gauges()).toEqual([0, 3]);
  const { executionId } = runOf(state, 1);
  await ledger.markLaunched([{ executionId, jobName: 'job' }]);
  expect(await gauges()).toEqual([1, 2]);
  await db.query(`update mallsync.tb_batch_execution_summary set status = 'WAITING' where execution_id = $1`, [
    executionId,
  ]);
  expect(await gauges()).toEqual([1, 2]);
  await claimNew(database);
  expect(await gauges()).toEqual([2, 2]);
  const end = { status: 'STOPPED', reason: 'Stopped', message: 'cancelled' } as const;
  await ledger.recordOutcomes(mallSync.uid, [anOutcome(executionId, { end })]);
  expect(await gauges()).toEqual([1, 2]);
});

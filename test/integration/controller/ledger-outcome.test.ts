import { beforeAll, describe, expect, test } from 'vitest';
import { abandonLostExecutions } from '../../../src/adapters/postgres/execution-stop.ts';
import { listTakeable } from '../../../src/adapters/postgres/execution-store.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createLeaseKeeper } from '../../../src/adapters/postgres/lease-keeper.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import { listUnmended } from '../../../src/adapters/postgres/status-reader.ts';
import type { ControllerLedger } from '../../../src/controller/controller-ledger.ts';
import { LeaseLostError } from '../../../src/domain/errors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aPage, aRow, createProbeTable, probeStore } from '../../support/database-probe.ts';
import {
  addMalls,
  aMallSync,
  anOutcome,
  aSpec,
  claim,
  complete,
  fail,
  lead,
  runOf,
  totalOf,
} from './ledger-fixture.ts';

const db = await createTestDatabase();
await createProbeTable(db);
let database: Database;
let ledger: ControllerLedger;

beforeAll(async () => {
  database = await db.open({ writerConnections: 4 });
  await addMalls(db, 3);
  ledger = await lead(database);
});

const lost = { status: 'FAILED', reason: 'Lost', message: 'its Job is gone' } as const;
const stopped = { status: 'STOPPED', reason: 'Stopped', message: 'cancelled' } as const;

async function admitted(mallIds: readonly number[] = [1, 2, 3]) {
  const mallSync = aMallSync();
  const state = await ledger.admit(mallSync, aSpec({ mallIds }));
  return { uid: mallSync.uid, ids: state.runs.map(({ executionId }) => executionId), state };
}

const runsTotal = (result: string, reason: string) => totalOf(db, 'runs_total', { domain: 'MEMBER', result, reason });

describe('an outcome', () => {
  test('settles a live run, raises its fence and counts it once, however often it is told', async () => {
    const { uid, ids } = await admitted([1]);
    const [executionId = 0] = ids;
    const execution = await claim(database, executionId);
    const before = await runsTotal('FAILED', 'Lost');
    const outcome = anOutcome(executionId, {
      end: lost,
      disagreement: 'job_gone_row_live',
      lagSeconds: 2,
      createToStartSeconds: 3,
    });
    const state = await ledger.recordOutcomes(uid, [outcome]);
    expect(runOf(state, 1)).toMatchObject({
      status: 'FAILED',
      isRecorded: true,
      failureReason: 'Lost',
      failureMessage: 'its Job is gone',
    });
    await expect(createLeaseKeeper(database).renew(execution, 'RUNNING')).rejects.toBeInstanceOf(LeaseLostError);
    const row = (
      await db.query(
        'select exit_code, fence_token, lease_until from mallsync.tb_batch_execution_summary where execution_id = $1',
        [executionId],
      )
    )[0];
    expect(row).toEqual({ exit_code: 70, fence_token: '2', lease_until: null });
    const told = async () => ({
      runs: (await runsTotal('FAILED', 'Lost')) - before,
      disagreements: await totalOf(db, 'outcome_disagreements_total', { case: 'job_gone_row_live' }),
      lags: await totalOf(db, 'outcome_record_lag_seconds_count'),
      lagSum: await totalOf(db, 'outcome_record_lag_seconds_sum'),
      below1: await totalOf(db, 'outcome_record_lag_seconds_bucket', { le: '1' }),
      below5: await totalOf(db, 'outcome_record_lag_seconds_bucket', { le: '5' }),
      starts: await totalOf(db, 'job_create_to_start_seconds_bucket', { le: '+Inf' }),
    });
    const once = { runs: 1, disagreements: 1, lags: 1, lagSum: 2, below1: 0, below5: 1, starts: 1 };
    expect(await told()).toEqual(once);
    await ledger.recordOutcomes(uid, [outcome, outcome]);
    await ledger.recordOutcomes(uid, [{ ...outcome, end: null }]);
    expect(await told()).toEqual(once);
  });

  test('told twice in one breath counts once', async () => {
    const { uid, ids } = await admitted([1]);
    const outcome = anOutcome(ids[0] ?? 0, { end: lost, disagreement: 'in one breath' });
    await ledger.recordOutcomes(uid, [outcome, outcome]);
    expect(await totalOf(db, 'outcome_disagreements_total', { case: 'in one breath' })).toBe(1);
  });

  test('is logged among the failures, and cleared when the instance ends well', async () => {
    const spec = aSpec({ mallIds: [1, 2] });
    const mallSync = aMallSync();
    const { runs } = await ledger.admit(mallSync, spec);
    await ledger.recordOutcomes(
      mallSync.uid,
      runs.map(({ executionId }) => anOutcome(executionId, { end: lost })),
    );
    const entries = (status: string) =>
      db.query(
        `select mall_id, reason_code, fingerprint, message from mallsync.tb_batch_error_log
         where execution_id = any($1) and row_key is null and status = $2 order by mall_id`,
        [runs.map(({ executionId }) => executionId), status],
      );
    const entry = { reason_code: 'Lost', fingerprint: 'MEMBER:FETCH:Lost:-', message: 'its Job is gone' };
    expect(await entries('OPEN')).toEqual([
      { mall_id: '1', ...entry },
      { mall_id: '2', ...entry },
    ]);
    const again = await ledger.admit(mallSync, { ...spec, attemptCount: 2 });
    await complete(database, runOf(again, 1).executionId);
    expect(await entries('OPEN')).toEqual([{ mall_id: '2', ...entry }]);
    expect(await entries('REPLAYED')).toHaveLength(1);
  });

  test('of a run that its process has settled meanwhile changes nothing, to be decided again', async () => {
    const { uid, ids } = await admitted([1, 2]);
    const [done = 0, failed = 0] = ids;
    await complete(database, done);
    await fail(database, failed);
    const before = await ledger.load(uid);
    const late = ids.map((executionId) => anOutcome(executionId, { end: lost, disagreement: 'late' }));
    const state = await ledger.recordOutcomes(uid, late);
    expect(state.runs.map(({ status, isRecorded }) => [status, isRecorded])).toEqual([
      ['COMPLETED', false],
      ['FAILED', false],
    ]);
    expect(state.runs.map(({ failureReason }) => failureReason)).toEqual(
      before.runs.map(({ failureReason }) => failureReason),
    );
    expect(await totalOf(db, 'outcome_disagreements_total', { case: 'late' })).toBe(0);
    const runs = await runsTotal('FAILED', 'AuthFailed');
    const seen = ids.map((executionId) => anOutcome(executionId, { disagreement: 'job_failed_row_completed' }));
    const recorded = await ledger.recordOutcomes(uid, seen);
    expect(recorded.runs.map(({ status, isRecorded }) => [status, isRecorded])).toEqual([
      ['COMPLETED', true],
      ['FAILED', true],
    ]);
    expect(await runsTotal('FAILED', 'AuthFailed')).toBe(runs);
    expect(await totalOf(db, 'outcome_disagreements_total', { case: 'job_failed_row_completed' })).toBe(2);
  });

  test('that only counts a run as seen leaves one that is live unseen', async () => {
    const { uid, ids } = await admitted([1]);
    const state = await ledger.recordOutcomes(uid, [anOutcome(ids[0] ?? 0)]);
    expect(runOf(state, 1)).toMatchObject({ status: 'REQUESTED', isRecorded: false });
  });

  test('of another MallSync’s run is not taken', async () => {
    const { ids, uid } = await admitted([1]);
    const other = await admitted([1]);
    await ledger.recordOutcomes(other.uid, [anOutcome(ids[0] ?? 0, { end: lost })]);
    expect(runOf(await ledger.load(uid), 1).status).toBe('REQUESTED');
  });

  test('keeps what was read whole as covered', async () => {
    const { uid, state, ids } = await admitted([1, 2, 3]);
    const run = runOf(state, 2);
    const execution = await claim(database, run.executionId);
    const engine = createLedger({ database, store: probeStore });
    const { fromMs, untilMs } = execution.period;
    const middle = fromMs + 3_600_000;
    await engine.saveWindows(execution, [
      { fromMs, untilMs: middle, shopNo: 1, dateType: 'join' },
      { fromMs: middle, untilMs, shopNo: 1, dateType: 'join' },
    ]);
    await engine.openWindow(execution, 1, 1);
    await engine.commitPage(execution, aPage([aRow('1|a')]));
    await engine.settleWindow(execution, 1, { state: 'COMPLETE', countAfter: 1, message: null });
    await ledger.recordOutcomes(
      uid,
      ids.map((executionId) => anOutcome(executionId, { end: { ...lost, reason: 'OutOfMemory' } })),
    );
    const covered = await db.query(
      `select mall_id, covered * tstzmultirange(period) = tstzmultirange(tstzrange(lower(period), $2)) as is_first_hour
       from mallsync.tb_coverage join mallsync.tb_batch_job_instance using (mall_id, domain_type)
       where period = (select period from mallsync.tb_batch_job_instance where instance_id = $1)
         and not isempty(covered * tstzmultirange(period))`,
      [run.instanceId, new Date(middle)],
    );
    expect(covered).toEqual([{ mall_id: '2', is_first_hour: true }]);
  });

  test('outlives a lost answer', async () => {
    const { uid, ids } = await admitted();
    const outcomes = ids.map((executionId) => anOutcome(executionId, { end: stopped, disagreement: 'answer lost' }));
    const first = await ledger.recordOutcomes(uid, outcomes);
    const second = await ledger.recordOutcomes(uid, outcomes);
    expect(second.runs.map(({ status, isRecorded }) => [status, isRecorded])).toEqual(
      first.runs.map(() => ['STOPPED', true]),
    );
    expect(await totalOf(db, 'outcome_disagreements_total', { case: 'answer lost' })).toBe(3);
  });
});

describe('stopping all of a MallSync', () => {
  test('ends what is live, launched or not, and leaves what has ended as it is', async () => {
    const { uid, ids } = await admitted();
    const [done = 0, running = 0, waiting = 0] = ids;
    const before = await runsTotal('STOPPED', 'Stopped');
    await ledger.markLaunched([done, running].map((executionId) => ({ executionId, jobName: `job-${executionId}` })));
    await complete(database, done);
    const execution = await claim(database, running);
    expect(await ledger.stopAll(uid, 'its MallSync was deleted')).toBe(2);
    expect(await ledger.stopAll(uid, 'again')).toBe(0);
    const state = await ledger.load(uid);
    expect(state.runs).toMatchObject([
      { executionId: done, status: 'COMPLETED', isRecorded: true },
      { executionId: running, status: 'STOPPED', isRecorded: true, failureMessage: 'its MallSync was deleted' },
      { executionId: waiting, status: 'STOPPED', isRecorded: true, failureReason: 'Stopped' },
    ]);
    await expect(createLeaseKeeper(database).renew(execution, 'RUNNING')).rejects.toBeInstanceOf(LeaseLostError);
    expect((await runsTotal('STOPPED', 'Stopped')) - before).toBe(2);
  });

  test('of one that was never admitted stops nothing', async () => {
    expect(await ledger.stopAll('nobody', 'deleted')).toBe(0);
  });
});

test('runs of an installation that has been silent for a day are given up, so that their malls are free', async () => {
  const { uid } = await admitted([1]);
  const [run] = (await ledger.load(uid)).runs;
  await db.query(
    `update mallsync.tb_batch_execution_summary set requested_at = now() - interval '25 hours' where execution_id = $1`,
    [run?.executionId],
  );
  expect(await ledger.abandonLost()).toEqual([]);
  await db.query(`update mallsync.tb_controller_epoch set updated_at = now() - interval '25 hours'`);
  expect(await abandonLostExecutions(database)).toEqual([run?.executionId]);
  await ledger.abandonLost();
  expect((await ledger.load(uid)).runs).toMatchObject([{ status: 'ABANDONED', failureReason: 'Lost' }]);
});

test('what a MallSync holds is neither abandoned, nor taken over, nor listed as left behind by a local process', async () => {
  const { uid, ids } = await admitted([1, 2]);
  const [waiting = 0, released = 0] = ids;
  const engine = createLedger({ database, store: probeStore });
  await engine.releaseExecution(await claim(database, released), 'UpstreamUnavailable', 'answered 503');
  await db.query(
    `update mallsync.tb_batch_execution_summary set requested_at = now() - interval '3 days',
       lease_until = lease_until - interval '3 days' where execution_id = any($1)`,
    [ids],
  );
  expect(await abandonLostExecutions(database)).toEqual([]);
  expect(await listTakeable(database, 'here')).toEqual([]);
  expect((await listUnmended(database.pool, {}, null)).filter(({ executionId }) => ids.includes(executionId))).toEqual(
    [],
  );
  expect((await ledger.load(uid)).runs).toMatchObject([
    { executionId: waiting, status: 'REQUESTED', lastReason: null },
    { executionId: released, status: 'RUNNING', lastReason: 'UpstreamUnavailable', lastMessage: 'answered 503' },
  ]);
});

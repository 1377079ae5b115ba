import { beforeAll, describe, expect, test, vi } from 'vitest';
import { totalOf } from '../integration/controller/ledger-fixture.ts';
import type { KubeObject } from '../support/api-server-door.ts';
import { conditionOf, createLedWorld, type RunRow } from '../support/led-world.ts';
import type { PodScene } from '../support/test-kubelet-pods.ts';
import { FAILED_PODS } from '../support/test-kubelet-status.ts';
import type { JobPlay } from '../support/test-kubelet.ts';

const POD_POLICY = { reason: 'PodFailurePolicy', message: 'Container sync failed with exit code 77' };
const DEADLINE = { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };

const PATIENCE = { timeout: 30_000, interval: 50 };

interface Row {
  /** What the Job and its process do. */
  readonly play?: JobPlay;
  /** What the pod shows before its Job fails. */
  readonly pod?: PodScene;
  readonly status: string;
  readonly reason: string | null;
  readonly message?: RegExp;
  readonly disagreement?: string;
}

const report = JSON.stringify({ failureReason: 'UpstreamContract', failureMessage: 'members[0].shop_no is missing' });

/** What Job and row say, and what becomes of it. */
const TABLE: Readonly<Record<string, Row>> = {
  'failed, and the row is completed: success': {
    play: { end: FAILED_PODS, sync: { kind: 'completed' } },
    status: 'COMPLETED',
    reason: null,
    disagreement: 'job_failed_row_completed',
  },
  'failed, and the row is completed with rejects': {
    play: { end: DEADLINE, sync: { kind: 'rejects' } },
    status: 'COMPLETED_WITH_REJECTS',
    reason: null,
    disagreement: 'job_failed_row_completed',
  },
  'complete, and the row is live: a defect': {
    play: { end: 'complete', sync: { kind: 'held' } },
    status: 'FAILED',
    reason: 'Bug',
    message: /settled nothing/,
    disagreement: 'job_complete_row_live',
  },
  'complete, and the row was never claimed': {
    play: { end: 'complete', sync: { kind: 'untouched' } },
    status: 'FAILED',
    reason: 'Bug',
    disagreement: 'job_complete_row_live',
  },
  'complete, and the row is failed': {
    play: { end: 'complete', sync: { kind: 'failed', reason: 'AuthFailed', message: 'no consent' } },
    status: 'FAILED',
    reason: 'AuthFailed',
    message: /^no consent$/,
    disagreement: 'job_complete_row_failed',
  },
  'failed, and the process has settled the row': {
    play: { end: POD_POLICY, sync: { kind: 'failed', reason: 'PermissionDenied', message: 'no scope' } },
    status: 'FAILED',
    reason: 'PermissionDenied',
    message: /^no scope$/,
  },
  'failed, and the last process said why': {
    play: { end: FAILED_PODS, sync: { kind: 'released', reason: 'UpstreamUnavailable', message: '503 three times' } },
    status: 'FAILED',
    reason: 'UpstreamUnavailable',
    message: /^503 three times$/,
  },
  'failed at its deadline, and no process said why': {
    play: { end: DEADLINE, sync: { kind: 'held' } },
    status: 'FAILED',
    reason: 'DeadlineExceeded',
    message: /longer than specified/,
    disagreement: 'job_failed_row_live',
  },
  'failed, and its pod ran out of memory': {
    pod: { kind: 'out-of-memory' },
    status: 'FAILED',
    reason: 'OutOfMemory',
    message: /memory limit/,
    disagreement: 'job_failed_row_live',
  },
  'failed, and its pod was evicted': {
    pod: { kind: 'evicted' },
    status: 'FAILED',
    reason: 'Evicted',
    message: /low on resource/,
    disagreement: 'job_failed_row_live',
  },
  'failed, and its pod left a report': {
    pod: { kind: 'exited', exitCode: 65, message: report },
    status: 'FAILED',
    reason: 'UpstreamContract',
    message: /^members\[0\]\.shop_no is missing$/,
    disagreement: 'job_failed_row_live',
  },
  'failed, and its pod left an exit code only': {
    pod: { kind: 'exited', exitCode: 75 },
    status: 'FAILED',
    reason: 'LeaseLost',
    message: /exit code 75/,
    disagreement: 'job_failed_row_live',
  },
  'failed, and nobody left a word': {
    play: { end: FAILED_PODS, sync: { kind: 'held' } },
    status: 'FAILED',
    reason: 'Lost',
    message: /without a word: BackoffLimitExceeded/,
    disagreement: 'job_failed_row_live',
  },
};

const world = await createLedWorld();
const names = Object.keys(TABLE);
const [stopped = 0, gone = 0, ...mallIds] = await world.addMalls(names.length + 2);
world.play([stopped], null);
const mallOf = (name: string): number => mallIds[names.indexOf(name)] ?? 0;
const podMalls = names.filter((name) => TABLE[name]?.pod !== undefined);

async function failWithPod(name: string): Promise<void> {
  const job = await world.waitForJob(mallOf(name));
  await world.kubelet.start(job.name);
  await world.kubelet.showPod(job.name, TABLE[name]?.pod ?? { kind: 'running' });
  await world.kubelet.fail(job.name);
}

/** The process has read everything, and the Job is deleted before it ends. */
async function deleteSettled(): Promise<void> {
  const job = await world.waitForJob(gone);
  const hasCompleted = async (): Promise<boolean> =>
    (await world.listRuns('table')).some(({ mallId, status }) => mallId === gone && status === 'COMPLETED');
  await vi.waitUntil(hasCompleted, PATIENCE);
  await world.client.request(
    'DELETE',
    `/apis/batch/v1/namespaces/${world.namespace}/jobs/${job.name}?propagationPolicy=Background`,
  );
}

describe('Job and row', () => {
  let mallSync: KubeObject;
  let runs: readonly RunRow[];

  beforeAll(async () => {
    for (const name of names) world.play([mallOf(name)], TABLE[name]?.play ?? null);
    world.play([gone], { end: null, sync: { kind: 'completed' } });
    await world.create('table', { mallIds: [gone, ...mallIds] });
    await Promise.all([...podMalls.map(failWithPod), deleteSettled()]);
    mallSync = await world.waitForEnd('table');
    runs = await world.listRuns('table');
  });

  const runOf = (mallId: number): RunRow | undefined => runs.find((run) => run.mallId === mallId);

  test.each(Object.entries(TABLE))('%s', (name, { status, reason, message }) => {
    const run = runOf(mallOf(name));
    expect(run).toMatchObject({ status, reason, isRecorded: true });
    if (message !== undefined) expect(run?.message).toMatch(message);
  });

  test('the status counts what the ledger holds, and names each failure with its word', () => {
    const count = (status: string): number => runs.filter((run) => run.status === status).length;
    expect(mallSync.status.malls).toMatchObject({
      total: names.length + 1,
      succeeded: count('COMPLETED'),
      withRejects: count('COMPLETED_WITH_REJECTS'),
      failed: count('FAILED'),
    });
    expect(runOf(gone)).toMatchObject({ status: 'COMPLETED', isRecorded: true });
    const failed = runs.filter(({ status }) => status === 'FAILED').toSorted((a, b) => a.mallId - b.mallId);
    expect(mallSync.status.failures).toEqual(
      failed.map(({ mallId, reason, message, executionId }) => ({ mallId, reason, message, attempt: 1, executionId })),
    );
    expect(conditionOf(mallSync, 'Succeeded')[0]).toBe('False');
    expect(conditionOf(mallSync, 'Degraded')[0]).toBe('True');
  });

  test('every disagreement is counted once', async () => {
    const rows = await world.database.query<{ case: string; value: number }>(
      `select labels ->> 'case' as case, sum(value) as value from mallsync.tb_metric_total
       where name = 'outcome_disagreements_total' group by 1 order by 1`,
    );
    const expected = Object.values(TABLE).flatMap(({ disagreement }) => disagreement ?? []);
    expected.push('job_gone_row_settled');
    const counts = [...Map.groupBy(expected, (each) => each)].map(([name, all]) => ({ case: name, value: all.length }));
    expect(rows).toEqual(counts.toSorted((a, b) => (a.case < b.case ? -1 : 1)));
  });

  test('no Job keeps our finalizer, and failed ones stay longer', async () => {
    for (const { metadata, spec } of await world.listJobs()) {
      expect(metadata.finalizers).toBeUndefined();
      const run = runOf(Number(metadata.labels['mallsync.io/mall-id']));
      expect(spec.ttlSecondsAfterFinished).toBe(run?.status.startsWith('COMPLETED') === true ? 600 : 86_400);
    }
  });

  test('complete, and the row is stopped', async () => {
    await world.create('stopped', { mallIds: [stopped] });
    const job = await world.waitForJob(stopped);
    await world.waitFor('stopped', (seen) => seen?.status?.malls?.active === 1);
    await world.database.query(
      `update mallsync.tb_batch_execution_summary set status = 'STOPPED', failure_reason = 'Stopped', ended_at = now()
       where execution_id = $1`,
      [job.executionId],
    );
    await world.kubelet.complete(job.name);
    const { status } = await world.waitForEnd('stopped');
    expect(status.malls).toMatchObject({ total: 1, stopped: 1 });
    const labels = { case: 'job_complete_row_stopped' };
    expect(await totalOf(world.database, 'outcome_disagreements_total', labels)).toBe(1);
  });
});

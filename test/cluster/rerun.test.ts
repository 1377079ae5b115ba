import { describe, expect, test, type TestContext } from 'vitest';
import { createRetryRequests } from '../../src/adapters/postgres/retry-request.ts';
import type { KubeObject } from '../support/api-server-door.ts';
import { createLedWorld } from '../support/led-world.ts';

const DAY = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-02T00:00:00' };
const PERIOD = ['--start', DAY.startDate, '--end', DAY.endDate];
const NO_CONSENT = {
  end: { reason: 'PodFailurePolicy', message: 'exit code 77' },
  sync: { kind: 'failed', reason: 'AuthFailed', message: 'no consent' },
} as const;

const world = await createLedWorld();
const requests = createRetryRequests(await world.database.open());

const rerun = (...args: readonly string[]) => world.start(['rerun', '--json', ...args], { USER: 'kim' }).finished;

/** When each MallSync was first seen, beside when the request that it stands for was committed. */
async function noteDelay(name: string, { annotate }: TestContext): Promise<KubeObject> {
  const mallSync = await world.waitFor(name, (seen) => seen !== undefined);
  const requestId = mallSync.metadata.labels['mallsync.io/retry-request'];
  const [row] = await world.database.query<{ age: number }>(
    `select extract(epoch from clock_timestamp() - requested_at)::float8 as age
     from mallsync.tb_batch_retry_request where request_id = $1`,
    [requestId],
  );
  await annotate(`${name} seen ${row?.age.toFixed(3)} s after its request`);
  return mallSync;
}

describe('a rerun beside a controller', () => {
  test('becomes a MallSync, and the command that waits ends with its success', async (context) => {
    const mallIds = await world.addMalls(2);
    const ended = rerun('--malls', mallIds.join(','), '--domain', 'MEMBER', ...PERIOD, '--wait');
    const { spec, metadata } = await noteDelay('rerun-1', context);
    expect(spec).toMatchObject({ ...DAY, mallIds, domainType: 'MEMBER', trigger: 'MANUAL' });
    expect(metadata.labels['mallsync.io/retry-request']).toBe('1');
    const { exitCode, stdout } = await ended;
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ isServed: true, requests: [{ requestId: 1, kind: 'RUN', state: 'DONE' }] });
    expect(document.requests[0].items).toMatchObject(
      mallIds.map((mallId) => ({ mallId, outcome: 'completed', result: expect.stringMatching(/^COMPLETED: 1 read/) })),
    );
    expect(exitCode).toBe(0);
  });

  test('of what failed resumes it, and ends with the word and code of what fails again', async (context) => {
    const mallIds = await world.addMalls(2);
    const [mended = 0, failing = 0] = mallIds;
    world.play([mended], ({ attemptCount }) => (attemptCount === 1 ? NO_CONSENT : {}));
    world.play([failing], NO_CONSENT);
    await world.runToEnd('night', { ...DAY, mallIds });
    const ended = rerun('--failed', '--malls', mallIds.join(','), '--wait');
    const { spec } = await noteDelay('rerun-2', context);
    expect(spec).toMatchObject({ mallIds, trigger: 'RERUN', reprocess: false });
    const { exitCode, stdout } = await ended;
    const [request] = JSON.parse(stdout).requests;
    expect(request).toMatchObject({ kind: 'RESUME', state: 'DONE' });
    expect(request.items).toMatchObject([
      { mallId: mended, outcome: 'completed' },
      { mallId: failing, outcome: 'failed', result: 'AuthFailed: no consent', failureReason: 'AuthFailed' },
    ]);
    expect(exitCode).toBe(1);
    expect((await world.listRuns('rerun-2')).map(({ attemptCount }) => attemptCount)).toEqual([2, 2]);
    const only = await rerun('--failed', '--malls', String(failing), '--wait');
    expect(only.exitCode).toBe(77);
  });

  test('that reprocesses reads what is complete again, and says why', async (context) => {
    const [mallId = 0] = await world.addMalls(1);
    await world.runToEnd('complete', { ...DAY, mallIds: [mallId] });
    const again = ['--malls', String(mallId), '--domain', 'MEMBER', ...PERIOD, '--wait'];
    const none = await rerun(...again);
    expect(JSON.parse(none.stdout).requests[0].items).toMatchObject([{ outcome: 'already complete' }]);
    expect(none.exitCode).toBe(0);
    const ended = rerun(...again, '--reprocess', '--reason', 'late orders');
    const { spec } = await noteDelay('rerun-5', context);
    expect(spec).toMatchObject({ reprocess: true, reason: 'late orders', mallIds: [mallId] });
    const { exitCode, stdout } = await ended;
    expect(JSON.parse(stdout).requests[0]).toMatchObject({ kind: 'REPROCESS', items: [{ outcome: 'completed' }] });
    expect(exitCode).toBe(0);
    expect(await world.listRuns('rerun-5')).toMatchObject([{ mode: 'REPROCESS', attemptCount: 2 }]);
  });
});

describe('a request', () => {
  const send = async (kind: 'REPLAY_REJECTED' | 'STOP', mallIds: readonly number[], reason = ''): Promise<number> => {
    const wish = { kind, domainType: 'MEMBER', ...DAY, pageSize: 500, fingerprints: null, mallIds, reason } as const;
    return (await requests.create(`${kind} ${mallIds.join()}`, { ...wish, requestedBy: 'kim' })).requestId;
  };
  const readDone = async (requestId: number) => {
    await expect
      .poll(async () => (await requests.find(requestId))?.state, { timeout: 30_000 })
      .not.toMatch(/PENDING|ACCEPTED/);
    return await requests.find(requestId);
  };

  test('to replay reads the rejected rows again', async (context) => {
    const [mallId = 0, clean = 0] = await world.addMalls(2);
    world.play([mallId], ({ attemptCount }) => (attemptCount === 1 ? { sync: { kind: 'rejects' } } : {}));
    await world.runToEnd('rejecting', { ...DAY, mallIds: [mallId, clean] });
    const requestId = await send('REPLAY_REJECTED', [mallId, clean]);
    const { spec } = await noteDelay(`rerun-${requestId}`, context);
    expect(spec).toMatchObject({ replay: { fingerprints: [] }, pageSize: 500, trigger: 'RERUN' });
    const { state, items = [] } = (await readDone(requestId)) ?? {};
    expect(state).toBe('DONE');
    expect(items).toMatchObject([
      { mallId, state: 'DONE', result: expect.stringMatching(/^COMPLETED/) },
      { mallId: clean, state: 'REFUSED', result: 'DuplicateRefused: no rejected row of this period is open' },
    ]);
  });

  test('to stop ends what runs, with its Job', async () => {
    const mallIds = await world.addMalls(2);
    const [stopped = 0, left = 0] = mallIds;
    world.play(mallIds, null);
    await world.create('stopping', { ...DAY, mallIds });
    const job = await world.waitForJob(stopped);
    const other = await world.waitForJob(left);
    await world.waitFor('stopping', (seen) => seen?.status?.malls?.active === 2);
    const { items = [] } = (await readDone(await send('STOP', [stopped], 'wrong day'))) ?? {};
    expect(items).toMatchObject([{ mallId: stopped, state: 'DONE', result: 'STOPPED', executionId: job.executionId }]);
    await world.kubelet.waitUntil(({ find }) => find(job.name) === undefined);
    const half = await world.waitFor('stopping', (seen) => seen?.status?.malls?.stopped === 1);
    expect(half.status.malls).toMatchObject({ total: 2, active: 1, stopped: 1 });
    await world.kubelet.fail(other.name);
    const ended = await world.waitForEnd('stopping');
    expect(ended.status.malls).toMatchObject({ total: 2, failed: 1, stopped: 1 });
    expect(await world.listRuns('stopping')).toMatchObject([
      { status: 'STOPPED', message: 'stopped by kim: wrong day', isRecorded: true },
      { status: 'FAILED', reason: 'Lost' },
    ]);
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createCluster } from '../../src/adapters/kubernetes/cluster-client.ts';
import type { KubeTransport } from '../../src/adapters/kubernetes/transport/kube-transport.ts';
import { createKubeTransport } from '../../src/adapters/kubernetes/transport/kube-transport.ts';
import { loadKubeAccess } from '../../src/adapters/kubernetes/transport/load-kube-access.ts';
import { drawEpoch } from '../../src/adapters/postgres/controller-term.ts';
import type { RetryKind, RetryRequest, RetryWish } from '../../src/adapters/postgres/retry-request.ts';
import { createRetryRequests } from '../../src/adapters/postgres/retry-request.ts';
import { runRequestLoop } from '../../src/commands/controller/request-loop.ts';
import type { RequestLoopPorts } from '../../src/commands/controller/request-loop-ports.ts';
import { ClusterError } from '../../src/controller/cluster-error.ts';
import type { MallSync, MallSyncDraft, MallSyncSpec } from '../../src/controller/mall-sync.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { LeaseLostError } from '../../src/domain/errors.ts';
import { addExecution } from '../integration/commands/operator-fixture.ts';
import { addMalls, complete, lead, runOf } from '../integration/controller/ledger-fixture.ts';
import { createProbeTable } from '../support/database-probe.ts';
import { createTestDatabase } from '../support/database.ts';
import { JOB_SETTINGS } from '../support/job-orders.ts';
import { createMallSyncNamespace } from '../support/mall-sync-namespace.ts';
import { runProgram } from '../support/program.ts';

const INSTALLATION = 'here';
const DAY = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-02T00:00:00' };
const PATIENCE = { timeout: 10_000, interval: 50 };

const namespace = createMallSyncNamespace('requests');
const db = await createTestDatabase();
await createProbeTable(db);
const database = await db.open({ applicationName: 'mallsync controller', poolSize: 2, writerConnections: 2 });
const requests = createRetryRequests(database);

let transport: KubeTransport;
let ledger: Awaited<ReturnType<typeof lead>>;
let ports: RequestLoopPorts;
/** What the caches would hold. */
let cached: readonly MallSync[];
let enqueued: string[];
let stop: AbortController;
let ended: Promise<void>;
let serial = 0;

beforeAll(async () => {
  const load = () => loadKubeAccess({ ...process.env, KUBECONFIG: inject('apiServer').kubeconfig });
  transport = createKubeTransport({
    access: await load(),
    reload: load,
    clock: systemClock,
    userAgent: 'mallsync/test',
  });
  await addMalls(db, 3);
});

afterAll(() => transport.close());

beforeEach(async () => {
  await namespace.deleteAll();
  await db.query(
    'truncate mallsync.tb_batch_retry_request, mallsync.tb_batch_job_instance, mallsync.tb_mallsync cascade',
  );
  ledger = await lead(database, INSTALLATION);
  cached = [];
  enqueued = [];
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  ports = {
    database,
    installationId: INSTALLATION,
    ledger,
    cluster: createCluster({ client: transport.calls, namespace: namespace.name, jobSettings: JOB_SETTINGS }),
    view: { listMallSyncs: () => cached },
    clock: systemClock,
    log,
    enqueue: (name) => enqueued.push(name),
  };
});

afterEach(() => stopLoop());

async function stopLoop(): Promise<void> {
  stop.abort();
  await ended;
}

function start(overrides: Partial<RequestLoopPorts> = {}): void {
  stop = new AbortController();
  ended = runRequestLoop({ ...ports, ...overrides }, stop.signal);
}

async function send(kind: RetryKind, wish: Partial<RetryWish> = {}): Promise<number> {
  serial += 1;
  const { requestId } = await requests.create(`test ${serial}`, {
    kind,
    domainType: 'MEMBER',
    ...DAY,
    pageSize: 250,
    fingerprints: null,
    mallIds: [1, 2],
    requestedBy: 'kim@office',
    reason: '',
    ...wish,
  });
  return requestId;
}

async function read(requestId: number): Promise<RetryRequest> {
  const found = await requests.find(requestId);
  if (found === null) throw new Error(`request ${requestId} is gone`);
  return found;
}

async function awaitState(requestId: number, state: RetryRequest['state']): Promise<RetryRequest> {
  await expect.poll(async () => (await read(requestId)).state, PATIENCE).toBe(state);
  return await read(requestId);
}

async function awaitMallSync(name: string): Promise<MallSync & { readonly spec: MallSyncSpec }> {
  const find = async (): Promise<MallSync | undefined> =>
    (await namespace.parseAll()).find((mallSync) => mallSync.name === name);
  await expect.poll(find, PATIENCE).toBeDefined();
  const found = await find();
  if (found?.spec == null) throw new Error(`${name} cannot be read: ${found?.fault}`);
  return { ...found, spec: found.spec };
}

/** What a look at the MallSync does first. */
async function admit(name: string): Promise<Awaited<ReturnType<typeof ledger.admit>>> {
  const mallSync = await awaitMallSync(name);
  return await ledger.admit(mallSync, mallSync.spec);
}

describe('a retry request', () => {
  it.each([
    ['RUN', {}, { trigger: 'MANUAL', reprocess: false, replay: null }],
    ['RESUME', { reason: 'late' }, { trigger: 'RERUN', reprocess: false, replay: null, reason: 'late' }],
    ['REPROCESS', { reason: 'late' }, { trigger: 'RERUN', reprocess: true, replay: null, reason: 'late' }],
    ['REPLAY_REJECTED', {}, { trigger: 'RERUN', reprocess: false, replay: { fingerprints: [] } }],
    ['REPLAY_REJECTED', { fingerprints: ['MAP:X:y'] }, { trigger: 'RERUN', replay: { fingerprints: ['MAP:X:y'] } }],
  ] as const)('to %s (%o) becomes a MallSync', async (kind, wish, expected) => {
    start();
    const requestId = await send(kind, wish);
    const { spec, retryRequestId } = await awaitMallSync(`rerun-${requestId}`);
    expect(retryRequestId).toBe(requestId);
    expect(spec).toMatchObject({ domainType: 'MEMBER', period: DAY, mallIds: [1, 2], pageSize: 250, ...expected });
    expect(spec.requestedBy).toBe('kim@office');
    expect((await read(requestId)).state).toBe('ACCEPTED');
  });

  it('that was written before anybody listened is taken too', async () => {
    const requestId = await send('RUN');
    start();
    await awaitMallSync(`rerun-${requestId}`);
  });

  it('ends as its MallSync does, and `rerun --wait` tells it as beside a server', async () => {
    start();
    const args = ['rerun', '--malls', '1,2', '--domain', 'MEMBER', '--start', DAY.startDate, '--end', DAY.endDate];
    const running = runProgram([...args, '--wait', '--json'], {
      MALLSYNC_DATABASE_URL: db.url,
      MALLSYNC_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
    });
    await expect.poll(async () => (await namespace.list()).length, PATIENCE).toBe(1);
    const [{ name = '', retryRequestId = null } = {}] = await namespace.parseAll();
    const state = await admit(name);
    await complete(database, runOf(state, 1).executionId);
    await ledger.reportRequest(retryRequestId ?? 0);
    const { executionId } = runOf(state, 2);
    const end = { status: 'FAILED', reason: 'AuthFailed', message: 'no consent' } as const;
    await ledger.recordOutcomes((await awaitMallSync(name)).uid, [
      { executionId, end, disagreement: null, createToStartSeconds: null, lagSeconds: null },
    ]);
    await ledger.reportRequest(retryRequestId ?? 0);
    const { exitCode, stdout } = await running;
    const { isServed, requests: told } = JSON.parse(stdout) as { isServed: boolean; requests: { items: unknown[] }[] };
    expect(isServed).toBe(true);
    expect(told[0]?.items).toMatchObject([
      { mallId: 1, outcome: 'completed', executionId: runOf(state, 1).executionId, failureReason: null },
      { mallId: 2, outcome: 'failed', executionId, failureReason: 'AuthFailed' },
    ]);
    expect(exitCode).toBe(1);
  });

  it('that the API server refuses ends with what it says', async () => {
    start();
    const { items } = await awaitState(await send('REPROCESS'), 'REFUSED');
    expect(items.map(({ state }) => state)).toEqual(['REFUSED', 'REFUSED']);
    for (const { result } of items) expect(result).toMatch(/^ConfigInvalid: .*reprocess needs a reason/);
    expect(await namespace.list()).toEqual([]);
  });

  it.each([
    ['is not over', { endDate: '2999-01-01T00:00:00' }, /^PeriodOpen: the period is not over yet$/],
    ['is none', { endDate: '2025-12-02' }, /^ConfigInvalid: endDate must be a time/],
  ])('for a period that %s is refused', async (_, wish, result) => {
    start();
    const { items } = await awaitState(await send('RUN', wish), 'REFUSED');
    for (const item of items) expect(item.result).toMatch(result);
    expect(await namespace.list()).toEqual([]);
  });

  it('is refused when something else has its name', async () => {
    const requestId = await send('RUN');
    const spec = { domainType: 'ORDER', ...DAY };
    const stranger = {
      apiVersion: 'mallsync.io/v1alpha1',
      kind: 'MallSync',
      metadata: { name: `rerun-${requestId}` },
      spec,
    };
    await namespace.client.request('POST', namespace.path, stranger);
    start();
    const { items } = await awaitState(requestId, 'REFUSED');
    expect(items[0]?.result).toMatch(/^ConfigInvalid: a MallSync rerun-\d+ that asks for something else exists/);
  });

  it('is carried out when the API server is back', async () => {
    let refusals = 0;
    const { cluster } = ports;
    const createMallSync: typeof cluster.createMallSync = async (draft, signal) => {
      refusals += 1;
      if (refusals < 3) throw new ClusterError('unavailable', 'connection refused');
      return await cluster.createMallSync(draft, signal);
    };
    start({ cluster: { ...cluster, createMallSync } });
    await awaitMallSync(`rerun-${await send('RUN')}`);
    expect(refusals).toBe(3);
  });

  it('whose answer was lost is not asked for twice', async () => {
    let calls = 0;
    const { cluster } = ports;
    const createMallSync: typeof cluster.createMallSync = async (draft, signal) => {
      calls += 1;
      const isCreated = await cluster.createMallSync(draft, signal);
      if (calls === 1) throw new ClusterError('timeout', 'no answer');
      return isCreated;
    };
    start({ cluster: { ...cluster, createMallSync } });
    const requestId = await send('RUN');
    await expect.poll(() => calls, PATIENCE).toBe(2);
    await awaitMallSync(`rerun-${requestId}`);
    expect((await read(requestId)).state).toBe('ACCEPTED');
  });
});

describe('a request whose server is gone', () => {
  const abandon = (requestId: number) =>
    db.query(
      `with aged as (update mallsync.tb_batch_retry_request_item set updated_at = now() - interval '10 minutes'
         where request_id = $1)
       update mallsync.tb_batch_retry_request set state = 'ACCEPTED', accepted_at = now() - interval '10 minutes'
       where request_id = $1`,
      [requestId],
    );

  it('is taken up again', async () => {
    const requestId = await send('RUN');
    await abandon(requestId);
    start();
    await awaitMallSync(`rerun-${requestId}`);
  });

  it('is left alone while its MallSync waits', async () => {
    const requestId = await send('RUN');
    await abandon(requestId);
    const spec = { domainType: 'MEMBER', ...DAY, mallIds: [1, 2] };
    await namespace.client.request('POST', namespace.path, {
      apiVersion: 'mallsync.io/v1alpha1',
      kind: 'MallSync',
      metadata: { name: 'of-another-name', labels: { 'mallsync.io/retry-request': String(requestId) } },
      spec,
    });
    cached = await namespace.parseAll();
    start();
    const later = await send('RUN', { mallIds: [3] });
    await awaitMallSync(`rerun-${later}`);
    expect((await namespace.list()).map(({ metadata }) => metadata.name)).toEqual([
      'of-another-name',
      `rerun-${later}`,
    ]);
    const { items } = await read(requestId);
    expect(items.map(({ state }) => state)).toEqual(['PENDING', 'PENDING']);
  });

  it('does not bring back a MallSync that was deleted, and ends with what became of it', async () => {
    start();
    const requestId = await send('RUN');
    const { uid, name } = await awaitMallSync(`rerun-${requestId}`);
    await admit(name);
    await stopLoop();
    await namespace.client.request('DELETE', `${namespace.path}/${name}`);
    await db.query(
      `update mallsync.tb_batch_execution_summary set status = 'STOPPED', failure_reason = 'Stopped',
         failure_message = 'its MallSync was deleted', ended_at = now() where mallsync_uid = $1`,
      [uid],
    );
    start();
    const { items } = await awaitState(requestId, 'DONE');
    for (const { result } of items) expect(result).toBe('Stopped: its MallSync was deleted');
    expect(await namespace.list()).toEqual([]);
  });

  it('gets the MallSyncs that it still lacks', async () => {
    const { cluster } = ports;
    const isSecond = ({ name }: MallSyncDraft): boolean => name.endsWith('-2');
    let failures = 0;
    const createMallSync: typeof cluster.createMallSync = async (draft, signal) => {
      if (!isSecond(draft)) return await cluster.createMallSync(draft, signal);
      failures += 1;
      throw new ClusterError('forbidden', 'no rights');
    };
    start({ cluster: { ...cluster, createMallSync } });
    const requestId = await send('RUN', { mallIds: Array.from({ length: 1_001 }, (_, index) => index + 1) });
    await expect.poll(() => failures, PATIENCE).toBe(1);
    await admit(`rerun-${requestId}`);
    await stopLoop();
    start();
    const { spec } = await awaitMallSync(`rerun-${requestId}-2`);
    expect(spec.mallIds).toEqual([1_001]);
  });

  it('ends when its MallSync ended before it began', async () => {
    start();
    const requestId = await send('RUN');
    const { name } = await awaitMallSync(`rerun-${requestId}`);
    await namespace.client.request('PATCH', `${namespace.path}/${name}/status`, {
      status: {
        observedGeneration: 1,
        conditions: [],
        malls: {
          total: 0,
          waiting: 0,
          active: 0,
          succeeded: 0,
          withRejects: 0,
          alreadyComplete: 0,
          refused: 0,
          failed: 0,
          stopped: 0,
        },
        rows: { read: 0, inserted: 0, updated: 0, unchanged: 0, rejected: 0 },
        failures: [],
        explanation: 'It was cancelled.',
        completionTime: '2025-12-18T00:00:00Z',
      },
    });
    await abandon(requestId);
    const { items } = await awaitState(requestId, 'REFUSED');
    expect(items[0]?.result).toBe(`Stopped: MallSync ${name} ended before it began. It was cancelled.`);
  });
});

describe('a request to stop', () => {
  it('ends what runs for a MallSync of this installation, and has the MallSync looked at', async () => {
    start();
    const runId = await send('RUN');
    const name = `rerun-${runId}`;
    const state = await admit(name);
    const stopId = await send('STOP', { mallIds: [1, 3], reason: 'wrong day' });
    const { items } = await awaitState(stopId, 'DONE');
    expect(items).toMatchObject([
      { mallId: 1, state: 'DONE', result: 'STOPPED', executionId: runOf(state, 1).executionId },
      { mallId: 3, state: 'REFUSED', result: 'nothing of it is under way', executionId: null },
    ]);
    const after = await ledger.load((await awaitMallSync(name)).uid);
    expect(runOf(after, 1)).toMatchObject({
      status: 'STOPPED',
      isRecorded: true,
      failureMessage: 'stopped by kim@office: wrong day',
    });
    expect(runOf(after, 2)).toMatchObject({ status: 'REQUESTED' });
    expect(enqueued).toEqual([name]);
  });

  it('ends what another process runs too', async () => {
    const executionId = await addExecution(db, { mallId: 2, status: 'RUNNING' });
    start();
    const { items } = await awaitState(await send('STOP', { mallIds: [2] }), 'DONE');
    expect(items).toMatchObject([{ result: 'STOPPED', executionId }]);
    expect(enqueued).toEqual([]);
  });

  it('changes nothing once another leads, and the loop ends', async () => {
    start();
    const name = `rerun-${await send('RUN')}`;
    await admit(name);
    await drawEpoch(database, INSTALLATION, 'another');
    const lost = expect(ended).rejects.toThrow(LeaseLostError);
    await send('STOP');
    await lost;
    ended = Promise.resolve();
    const after = await ledger.load((await awaitMallSync(name)).uid);
    expect(after.runs.map(({ status }) => status)).toEqual(['REQUESTED', 'REQUESTED']);
    expect(enqueued).toEqual([]);
  });
});

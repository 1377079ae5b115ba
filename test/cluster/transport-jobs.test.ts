import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCluster } from '../../src/adapters/kubernetes/cluster-client.ts';
import { releaseJobs } from '../../src/adapters/kubernetes/release.ts';
import { loadKubeAccess } from '../../src/adapters/kubernetes/transport/load-kube-access.ts';
import type { Cluster } from '../../src/controller/cluster.ts';
import type { MallSyncStatus } from '../../src/controller/mall-sync.ts';
import type { ObservedJob } from '../../src/controller/observed-job.ts';
import type { KubeObject } from '../support/api-server-door.ts';
import { buildOrder, JOB_SETTINGS } from '../support/job-orders.ts';
import { createMallSyncNamespace } from '../support/mall-sync-namespace.ts';
import { DEFAULT_SPEC } from '../support/mall-sync-spec.ts';
import { openDoor, type TransportDoor } from '../support/transport-door.ts';

const home = createMallSyncNamespace('cluster-client');
const JOBS = `/apis/batch/v1/namespaces/${home.name}/jobs`;
const NEVER = new AbortController().signal;
const FINALIZER = 'mallsync.io/outcome';

let door: TransportDoor;
let cluster: Cluster;
let malls = 0;

beforeAll(async () => {
  door = openDoor(await loadKubeAccess({ ...process.env, ...home.environment }));
  cluster = createCluster({ client: door.calls, namespace: home.name, jobSettings: JOB_SETTINGS, isStrict: true });
});

afterAll(async () => {
  await releaseJobs({ client: door.calls, namespace: home.name }, NEVER);
  await door.close();
});

beforeEach(() => void door.requests.splice(0));

/** An order that no other test has. */
const nextOrder = (): ReturnType<typeof buildOrder> => buildOrder({}, { mallId: (malls += 1), executionId: malls });

async function createJob(): Promise<ObservedJob> {
  const order = nextOrder();
  expect(await cluster.createJob(order, NEVER)).toBeNull();
  const job = await cluster.readJob(cluster.toJobName(order), NEVER);
  if (job === null) throw new Error('the Job is not there');
  door.requests.splice(0);
  return job;
}

async function readRaw(name: string): Promise<KubeObject> {
  return await home.client.request('GET', `${JOBS}/${name}`);
}

const verbs = (): readonly string[] => door.requests.map(({ verb, code }) => `${verb} ${code}`);

describe('a Job', () => {
  test('is created in one call, ours, with our finalizer', async () => {
    const order = nextOrder();
    expect(await cluster.createJob(order, NEVER)).toBeNull();
    expect(verbs()).toEqual(['create 201']);
    const { metadata } = await readRaw(cluster.toJobName(order));
    expect(metadata.finalizers).toEqual([FINALIZER]);
    expect(metadata.managedFields[0].manager).toBe('mallsync-controller');
  });

  test('that is there already is given back, to be judged', async () => {
    const order = nextOrder();
    await cluster.createJob(order, NEVER);
    const existing = await cluster.createJob(order, NEVER);
    expect(existing !== null && cluster.isJobOf(existing, order)).toBe(true);
    const other = { ...order, run: { ...order.run, executionId: 1_000_000 + order.run.executionId } };
    const foreign = await cluster.createJob(other, NEVER);
    expect(foreign !== null && cluster.isJobOf(foreign, other)).toBe(false);
    expect(verbs()).toEqual(['create 201', 'create 409', 'get 200', 'create 409', 'get 200']);
  });

  test('that is not there reads as null', async () => {
    expect(await cluster.readJob('none', NEVER)).toBeNull();
  });

  test('is released by one patch: finalizer off, life time set, all else as it was', async () => {
    const { name } = await createJob();
    await home.client.request('PATCH', `${JOBS}/${name}`, { metadata: { finalizers: [FINALIZER, 'a.test/other'] } });
    const before = await readRaw(name);
    await cluster.releaseJob(name, 600, NEVER);
    await cluster.releaseJob(name, 600, NEVER);
    const after = await readRaw(name);
    expect(verbs()).toEqual(['patch 200', 'patch 200']);
    expect(after.metadata.finalizers).toEqual(['a.test/other']);
    expect(after.spec).toEqual({ ...before.spec, ttlSecondsAfterFinished: 600 });
    await home.client.request('PATCH', `${JOBS}/${name}`, { metadata: { finalizers: null } });
  });

  test('that is gone is released already', async () => {
    await cluster.releaseJob('none', 600, NEVER);
    expect(verbs()).toEqual(['patch 404']);
  });

  test('is deleted with its finalizer in two calls, and is gone without a garbage collector', async () => {
    const job = await createJob();
    await cluster.deleteJob(job, NEVER);
    expect(verbs()).toEqual(['delete 200', 'patch 200']);
    expect(await cluster.readJob(job.name, NEVER)).toBeNull();
    await cluster.deleteJob(job, NEVER);
    expect(verbs().at(-1)).toBe('delete 404');
  });

  test('that someone else deleted needs the one call that lets it go', async () => {
    const job = await createJob();
    await home.client.request('DELETE', `${JOBS}/${job.name}?propagationPolicy=Background`);
    const deleting = await cluster.readJob(job.name, NEVER);
    expect(deleting).toMatchObject({ isDeleting: true, hasOutcomeFinalizer: true });
    door.requests.splice(0);
    await cluster.deleteJob({ ...job, ...deleting }, NEVER);
    expect(verbs()).toEqual(['patch 200']);
    expect(await cluster.readJob(job.name, NEVER)).toBeNull();
  });

  test('that is held by others only is left to them', async () => {
    const job = await createJob();
    await cluster.deleteJob({ ...job, isDeleting: true, hasOutcomeFinalizer: false }, NEVER);
    expect(verbs()).toEqual([]);
  });

  test('of the same name, but another one, is not touched', async () => {
    const job = await createJob();
    const old = { ...job, uid: crypto.randomUUID() };
    await cluster.deleteJob(old, NEVER);
    await cluster.deleteJob({ ...old, isDeleting: true }, NEVER);
    expect(await cluster.readJob(job.name, NEVER)).toEqual(job);
  });
});

describe('the release', () => {
  test('deletes all Jobs of ours, page by page, and no others; twice is fine', async () => {
    for (let n = 1; n <= 5; n++) await createJob();
    const foreign = { metadata: { name: 'foreign' }, spec: (await readRaw((await createJob()).name)).spec };
    delete foreign.spec.selector;
    delete foreign.spec.template.metadata;
    await home.client.request('POST', JOBS, foreign);
    const report = await releaseJobs({ client: door.calls, namespace: home.name }, NEVER);
    expect(report.left).toEqual([]);
    expect(report.deleted).toBeGreaterThanOrEqual(6);
    const { items } = await home.client.request('GET', JOBS);
    expect(items.map(({ metadata }: KubeObject) => metadata.name)).toEqual(['foreign']);
    expect(await releaseJobs({ client: door.calls, namespace: home.name }, NEVER)).toEqual({ deleted: 0, left: [] });
    await home.client.request('DELETE', `${JOBS}/foreign?propagationPolicy=Background`);
  });

  test('goes past a Job that it cannot let go, and names it', async () => {
    const [stuck, fine] = [await createJob(), await createJob()];
    const refusing: TransportDoor['calls'] = {
      ...door.calls,
      call: (call, signal) =>
        door.calls.call(call.path.endsWith(stuck.name) ? { verb: 'update', path: JOBS, body: {} } : call, signal),
    };
    const report = await releaseJobs({ client: refusing, namespace: home.name }, NEVER);
    expect(await cluster.readJob(fine.name, NEVER)).toBeNull();
    expect(report.deleted).toBe(1);
    expect(report.left.map(({ name }) => name)).toEqual([stuck.name]);
  });
});

describe('a MallSync', () => {
  const STATUS: MallSyncStatus = {
    observedGeneration: 1,
    conditions: [],
    malls: {
      total: 1,
      waiting: 1,
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
    explanation: 'Waiting for its turn.',
  };

  test('is created once', async () => {
    const draft = { name: 'once', labels: { 'mallsync.io/retry-request': '7' }, spec: DEFAULT_SPEC };
    expect(await cluster.createMallSync(draft, NEVER)).toBe(true);
    expect(await cluster.createMallSync(draft, NEVER)).toBe(false);
    expect(await cluster.readMallSync('once', NEVER)).toMatchObject({ name: 'once', retryRequestId: 7, fault: null });
    expect(await cluster.readMallSync('never', NEVER)).toBeNull();
  });

  test('that breaks a rule is refused as invalid', async () => {
    const draft = { name: 'bad', labels: {}, spec: { ...DEFAULT_SPEC, endDate: '2025-11-01T00:00:00' } };
    await expect(cluster.createMallSync(draft, NEVER)).rejects.toMatchObject({ kind: 'invalid' });
  });

  test('gets its status by one call, and what is left out of the next one is gone', async () => {
    await cluster.createMallSync({ name: 'status', labels: {}, spec: DEFAULT_SPEC }, NEVER);
    const { uid } = (await cluster.readMallSync('status', NEVER)) ?? { uid: '' };
    door.requests.splice(0);
    const failure = { mallId: 3, reason: 'AuthFailed', message: 'authorize it again' } as const;
    const first = { ...STATUS, failures: [failure], startTime: '2025-12-18T00:00:00Z' };
    await cluster.saveStatus({ name: 'status', uid }, first, NEVER);
    expect(verbs()).toEqual(['patch 200']);
    expect((await cluster.readMallSync('status', NEVER))?.status).toEqual(first);
    await cluster.saveStatus({ name: 'status', uid }, STATUS, NEVER);
    expect((await cluster.readMallSync('status', NEVER))?.status).toEqual(STATUS);
  });

  test('of the same name, but another one, keeps its status and is not deleted', async () => {
    await cluster.createMallSync({ name: 'again', labels: {}, spec: DEFAULT_SPEC }, NEVER);
    const old = { name: 'again', uid: crypto.randomUUID() };
    await expect(cluster.saveStatus(old, STATUS, NEVER)).rejects.toMatchObject({ kind: 'not-found' });
    await cluster.deleteMallSync(old, NEVER);
    expect((await cluster.readMallSync('again', NEVER))?.status).toBeNull();
  });

  test('that is gone cannot be written, and is deleted already', async () => {
    await cluster.createMallSync({ name: 'gone', labels: {}, spec: DEFAULT_SPEC }, NEVER);
    const mallSync = await cluster.readMallSync('gone', NEVER);
    if (mallSync === null) throw new Error('it is not there');
    await cluster.deleteMallSync(mallSync, NEVER);
    await cluster.deleteMallSync(mallSync, NEVER);
    await expect(cluster.saveStatus(mallSync, STATUS, NEVER)).rejects.toMatchObject({ kind: 'not-found' });
    expect(await cluster.readMallSync('gone', NEVER)).toBeNull();
  });
});

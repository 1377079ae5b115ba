import { describe, expect, test } from 'vitest';
import { admitExecution } from '../../src/adapters/postgres/admission.ts';
import { findExecution } from '../../src/adapters/postgres/execution-store.ts';
import { parseJob } from '../../src/adapters/kubernetes/job-parser.ts';
import { parsePod } from '../../src/adapters/kubernetes/pod-parser.ts';
import type { KubeObject } from '../support/api-server-door.ts';
import { createClusterWorld } from '../support/cluster-world.ts';
import { aRequest } from '../support/database-probe.ts';
import type { PodScene } from '../support/test-kubelet-pods.ts';
import type { JobPlay } from '../support/test-kubelet.ts';
import type { SeenJob } from '../support/test-kubelet-record.ts';

const OUTCOME = 'mallsync.io/outcome';

const world = await createClusterWorld();
const database = await world.database.open();
const jobs = `/apis/batch/v1/namespaces/${world.namespace}/jobs`;
const plays = new Map<string, JobPlay>();
const kubelet = await world.startKubelet({
  play: ({ name }: SeenJob) => plays.get(name) ?? null,
  deletesAfterTtl: true,
  collectsGarbage: true,
});

let serial = 0;

interface Wish {
  readonly play?: JobPlay;
  readonly spec?: KubeObject;
  readonly finalizers?: readonly string[];
  readonly owner?: KubeObject;
  readonly mallSync?: string;
}

/** A Job as far as the kubelet looks at it, for an execution of its own. */
async function createJob({ play, spec = {}, finalizers = [OUTCOME], owner, mallSync = 'some' }: Wish = {}) {
  const admission = await admitExecution(database, aRequest());
  if (admission.kind !== 'admitted') throw new Error(`not admitted but ${admission.kind}`);
  const { executionId } = admission;
  const name = `job-${(serial += 1)}`;
  if (play !== undefined) plays.set(name, play);
  const labels = { 'mallsync.io/mallsync': mallSync, 'mallsync.io/execution-id': String(executionId) };
  const ownerReferences = owner === undefined ? [] : [owner];
  await world.client.request('POST', jobs, {
    metadata: { name, labels, finalizers, ownerReferences },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'sync', image: 'none' }] } }, ...spec },
  });
  return { name, executionId };
}

const readJob = async (name: string) => parseJob(await world.client.request('GET', `${jobs}/${name}`));
const isThere = (name: string) => kubelet.record.find(name) !== undefined;

describe('the kubelet of the tests', () => {
  test('completes a Job, and its execution before it', async () => {
    const { name, executionId } = await createJob({ play: {} });
    await kubelet.waitUntil(({ find }) => find(name)?.isFinished === true);
    expect(await readJob(name)).toMatchObject({ end: { kind: 'complete' }, startedAtMs: expect.any(Number) });
    expect(await findExecution(database, executionId)).toMatchObject({ status: 'COMPLETED' });
  });

  test('fails a Job for the reason given, with what its pod left in the ledger', async () => {
    const end = { reason: 'PodFailurePolicy', message: 'exit code 77' };
    const play: JobPlay = { end, sync: { kind: 'failed', reason: 'AuthFailed' } };
    const { name, executionId } = await createJob({ play });
    await kubelet.waitUntil(({ find }) => find(name)?.isFinished === true);
    expect(await readJob(name)).toMatchObject({ end: { kind: 'failed', ...end } });
    const failed = { status: 'FAILED', failureReason: 'AuthFailed', exitCode: 77 };
    expect(await findExecution(database, executionId)).toMatchObject(failed);
  });

  test.each([
    [{ kind: 'released', reason: 'UpstreamUnavailable' } as const, { status: 'RUNNING', leaseEndsInMs: 0 }],
    [{ kind: 'held' } as const, { status: 'RUNNING', leaseEndsInMs: expect.any(Number) }],
    [{ kind: 'untouched' } as const, { status: 'REQUESTED' }],
    [{ kind: 'rejects', rejected: 2 } as const, { status: 'COMPLETED_WITH_REJECTS' }],
  ])('its pods end as %j', async (sync, expected) => {
    const { name, executionId } = await createJob({ play: { sync } });
    await kubelet.waitUntil(({ find }) => find(name)?.isFinished === true);
    expect(await findExecution(database, executionId)).toMatchObject(expected);
  });

  test('leaves a suspended Job alone and begins it when it is resumed', async () => {
    const { name } = await createJob({ play: {}, spec: { suspend: true } });
    await kubelet.waitUntil(({ find }) => find(name) !== undefined);
    expect(await readJob(name)).toMatchObject({ isSuspended: true, startedAtMs: null });
    await kubelet.suspend(name, false);
    await kubelet.waitUntil(({ find }) => find(name)?.isFinished === true);
  });

  test('takes the start back from a Job that is suspended while it runs', async () => {
    const { name } = await createJob();
    await kubelet.start(name);
    await kubelet.suspend(name, true);
    await kubelet.waitUntil(({ find }) => find(name)?.object.status.conditions?.[0]?.type === 'Suspended');
    expect(await readJob(name)).toMatchObject({ startedAtMs: null, end: null });
  });

  test('deletes a finished Job after its time to live; our finalizer holds it until it is taken off', async () => {
    const { name } = await createJob({ play: {}, spec: { ttlSecondsAfterFinished: 0 } });
    await kubelet.waitUntil(({ find }) => find(name)?.object.metadata.deletionTimestamp !== undefined);
    expect(await readJob(name)).toMatchObject({ isDeleting: true, hasOutcomeFinalizer: true });
    await world.client.request('PATCH', `${jobs}/${name}`, { metadata: { finalizers: null } });
    await kubelet.waitUntil(() => !isThere(name));
  });

  test('deletes the Jobs of a MallSync that is gone, and their pods', async () => {
    const { metadata } = await world.create('owner');
    const owner = { apiVersion: 'mallsync.io/v1alpha1', kind: 'MallSync', name: 'owner', uid: metadata.uid };
    const { name } = await createJob({ owner, finalizers: [] });
    await kubelet.waitUntil(() => isThere(name));
    await kubelet.showPod(name, { kind: 'running' });
    await world.delete('owner');
    await kubelet.waitUntil(() => !isThere(name));
    const pods = `/api/v1/namespaces/${world.namespace}/pods?labelSelector=job-name%3D${name}`;
    await expect.poll(async () => (await world.client.request('GET', pods)).items).toEqual([]);
  });

  test('ends a deletion in the foreground where no garbage collector does', async () => {
    const { name } = await createJob({ finalizers: [] });
    await kubelet.waitUntil(() => isThere(name));
    await world.client.request('DELETE', `${jobs}/${name}?propagationPolicy=Foreground`);
    await kubelet.waitUntil(() => !isThere(name));
    await expect(readJob(name)).rejects.toMatchObject({ status: 404 });
  });

  test.each([
    [{ kind: 'image-pull' }, 'ImagePull'],
    [{ kind: 'unschedulable' }, 'Unschedulable'],
    [{ kind: 'out-of-memory' }, 'OutOfMemory'],
    [{ kind: 'evicted' }, 'Evicted'],
  ] as const satisfies readonly (readonly [PodScene, string])[])('shows a pod as %j', async (scene, reason) => {
    const { name } = await createJob();
    const pod = await kubelet.showPod(name, scene);
    const raw = await world.client.request('GET', `/api/v1/namespaces/${world.namespace}/pods/${pod}`);
    expect(parsePod(raw)).toMatchObject({ jobName: name, trouble: { reason } });
  });

  test('counts the Jobs of each name and the most unfinished at once', async () => {
    const first = await createJob({ mallSync: 'counted' });
    const second = await createJob({ mallSync: 'counted' });
    await kubelet.waitUntil(({ find }) => [first, second].every(({ name }) => find(name) !== undefined));
    await kubelet.start(first.name);
    await kubelet.complete(first.name);
    await kubelet.waitUntil(({ find }) => find(first.name)?.isFinished === true);
    const third = await createJob({ mallSync: 'counted' });
    await kubelet.waitUntil(() => isThere(third.name));
    expect(kubelet.record.findMostUnfinished('counted')).toBe(2);
    expect(kubelet.record.countByName().get(third.name)).toBe(1);
    expect(kubelet.record.countByExecution().get(third.executionId)).toBe(1);
  });
});

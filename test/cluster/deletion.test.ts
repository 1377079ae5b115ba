import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../support/api-server-door.ts';
import { createClusterWorld, type ClusterWorld } from '../support/cluster-world.ts';
import { AT_ONCE, awaitLead, countRuns, listJobsOf, toLeasePath } from '../support/leader-scene.ts';
import { killHard, until } from '../support/process-signals.ts';
import type { SeenJob } from '../support/test-kubelet-record.ts';
import type { TestKubelet } from '../support/test-kubelet.ts';

const MALLS = 6;
const RUNNING = 3;
/** Everything is claimed by its pod, and goes on until it is stopped. */
const play = () => ({ end: null, sync: { kind: 'held' } as const });

const world = await createClusterWorld();
const kubelet = await world.startKubelet({ play });
let controller = world.startController(AT_ONCE);
await awaitLead(controller);

type Policy = 'Background' | 'Foreground' | 'Orphan';

async function begin(
  name: string,
  here: ClusterWorld = world,
  its: TestKubelet = kubelet,
): Promise<readonly SeenJob[]> {
  const mallIds = await world.addMalls(MALLS);
  await here.create(name, { mallIds, parallelism: RUNNING });
  await until(`${RUNNING} of ${name} to run`, async () => (await countRuns(world, name))['RUNNING'] === RUNNING);
  return listJobsOf(its, name);
}

async function remove(name: string, propagationPolicy: Policy): Promise<void> {
  await world.client.request('DELETE', toPath(name), { propagationPolicy });
}

function toPath(name: string): string {
  return `/apis/mallsync.io/v1alpha1/namespaces/${world.namespace}/mallsyncs/${name}`;
}

/** Resolves when every Job is gone, with all its finalizers. */
async function awaitNoJobs(name: string): Promise<void> {
  await kubelet.waitUntil(() => listJobsOf(kubelet, name).length === 0);
}

/** The garbage collector's part of a deletion that it was asked for. */
async function partJobs(jobs: readonly SeenJob[]): Promise<void> {
  for (const { name } of jobs) {
    const path = `/apis/batch/v1/namespaces/${world.namespace}/jobs/${name}`;
    await world.client.request('PATCH', path, { metadata: { ownerReferences: null } }).catch(() => undefined);
  }
}

async function letGo(name: string): Promise<void> {
  await world.client.request('PATCH', toPath(name), { metadata: { finalizers: null } });
}

async function restart(): Promise<void> {
  await world.client.request('DELETE', toLeasePath(world)).catch(() => undefined);
  controller = world.startController(AT_ONCE);
  await awaitLead(controller);
}

const ALL_STOPPED = { STOPPED: MALLS };

describe('a MallSync that is deleted in mid-run', () => {
  test('in the background takes its Jobs with it, and its executions are stopped, begun or not', async () => {
    await begin('background');
    await remove('background', 'Background');
    await awaitNoJobs('background');
    expect(await countRuns(world, 'background')).toEqual(ALL_STOPPED);
  });

  test('in the foreground does not go before its Jobs', async () => {
    await begin('foreground');
    await remove('foreground', 'Foreground');
    await awaitNoJobs('foreground');
    expect((await world.read('foreground')).metadata.deletionTimestamp).toBeDefined();
    expect(await countRuns(world, 'foreground')).toEqual(ALL_STOPPED);
    await letGo('foreground');
    await world.waitFor('foreground', (seen) => seen === undefined);
  });

  test('leaving its Jobs as orphans leaves none', async () => {
    const jobs = await begin('orphans');
    await remove('orphans', 'Orphan');
    await partJobs(jobs);
    await letGo('orphans');
    await awaitNoJobs('orphans');
    expect(await countRuns(world, 'orphans')).toEqual(ALL_STOPPED);
  });

  test('while it is suspended', async () => {
    await begin('suspended');
    await world.change('suspended', { suspend: true });
    await remove('suspended', 'Background');
    await awaitNoJobs('suspended');
    expect(await countRuns(world, 'suspended')).toEqual(ALL_STOPPED);
  });

  test('and made again at once under the same name: the old Jobs go, the new run on', async () => {
    const old = await begin('again');
    const { spec, metadata } = await world.read('again');
    await remove('again', 'Background');
    const created = await world.create('again', spec);
    expect(created.metadata.uid).not.toBe(metadata.uid);
    const oldUids = new Set(old.map(({ uid }) => uid));
    await kubelet.waitUntil(() => {
      const jobs = listJobsOf(kubelet, 'again');
      return jobs.length === RUNNING && jobs.every(({ uid }) => !oldUids.has(uid));
    });
    const rows = await world.database.query<{ status: string; count: number }>(
      `select status, count(*)::integer from mallsync.tb_batch_execution_summary where mallsync_uid = $1 group by status`,
      [metadata.uid],
    );
    expect(rows).toEqual([{ status: 'STOPPED', count: MALLS }]);
    for (const { object } of listJobsOf(kubelet, 'again')) {
      expect(object.metadata.ownerReferences.map(({ uid }: KubeObject) => uid)).toEqual([created.metadata.uid]);
    }
    await remove('again', 'Background');
    await awaitNoJobs('again');
  });
});

describe('a MallSync that is deleted while no controller runs', () => {
  test.each<Policy>(['Background', 'Orphan'])('(%s) is swept up by the next one', async (policy) => {
    const name = `away-${policy.toLowerCase()}`;
    const jobs = await begin(name);
    expect(await killHard(controller)).toBe(true);
    await remove(name, policy);
    if (policy === 'Orphan') {
      await partJobs(jobs);
      await letGo(name);
    }
    await world.waitFor(name, (seen) => seen === undefined);
    expect(listJobsOf(kubelet, name)).toHaveLength(RUNNING);
    await restart();
    await awaitNoJobs(name);
    expect(await countRuns(world, name)).toEqual(ALL_STOPPED);
  });

  test('before anything of it was launched, is stopped without a Job', async () => {
    const mallIds = await world.addMalls(MALLS);
    await world.create('unlaunched', { mallIds, parallelism: 1 });
    await until('one to run', async () => (await countRuns(world, 'unlaunched'))['RUNNING'] === 1);
    const { length } = [...kubelet.record.countByName().keys()];
    expect(await killHard(controller)).toBe(true);
    await remove('unlaunched', 'Background');
    await restart();
    await awaitNoJobs('unlaunched');
    expect(await countRuns(world, 'unlaunched')).toEqual(ALL_STOPPED);
    expect(kubelet.record.countByName().size).toBe(length);
  });

  test('and made again meanwhile: the new one runs, with Jobs of its own', async () => {
    const old = await begin('replaced');
    const { spec } = await world.read('replaced');
    expect(await killHard(controller)).toBe(true);
    await remove('replaced', 'Background');
    await world.create('replaced', spec);
    await restart();
    const oldUids = new Set(old.map(({ uid }) => uid));
    await kubelet.waitUntil(() => {
      const jobs = listJobsOf(kubelet, 'replaced');
      return jobs.length === RUNNING && jobs.every(({ uid }) => !oldUids.has(uid));
    });
    expect(await countRuns(world, 'replaced')).toMatchObject({ STOPPED: MALLS });
    await remove('replaced', 'Background');
    await awaitNoJobs('replaced');
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import type { KubeObject } from '../support/api-server-door.ts';
import { createClusterWorld } from '../support/cluster-world.ts';
import {
  AT_ONCE,
  awaitLead,
  awaitStandby,
  countRuns,
  isFinished,
  listJobsOf,
  listTwice,
  readHolder,
  SLOWLY,
  toLeasePath,
} from '../support/leader-scene.ts';
import { until } from '../support/process-signals.ts';
import type { Started } from '../support/program.ts';
import { openWayToApi, openWayToDatabase } from '../support/way-to.ts';

const MALLS = 60;
/** Each waits for several processes, on a machine that others use too. */
const PATIENCE = { timeout: 180_000 };
/** A lease that nobody waits for: whoever takes over was let. */
const LONG_LEASE = { MALLSYNC_LEADER_LEASE_SECONDS: '300', MALLSYNC_LEADER_RENEW_SECONDS: '250' };

const world = await createClusterWorld();
/** Jobs are left alone: what changes them is the controller. */
const kubelet = await world.startKubelet();
const running: Started[] = [];

afterEach(async () => {
  for (const { process } of running) process.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ finished }) => finished));
  await world.client.request('DELETE', toLeasePath(world));
});

function start(environment: Readonly<Record<string, string>>): Started {
  const started = world.startController({ ...LONG_LEASE, ...environment });
  running.push(started);
  return started;
}

async function meetInMidLaunch(mallSync: string, environment: Readonly<Record<string, string>>): Promise<Started> {
  const mallIds = await world.addMalls(MALLS);
  const leader = start(environment);
  await awaitLead(leader);
  await world.create(mallSync, { mallIds, parallelism: MALLS });
  await kubelet.waitUntil(() => listJobsOf(kubelet, mallSync).length > 0);
  return leader;
}

async function stop(leader: Started) {
  leader.process.kill('SIGTERM');
  const { exitCode, signal } = await leader.finished;
  return { exitCode, signal };
}

function toVersion({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion);
}

async function countLaunched(mallSync: string): Promise<number> {
  const [row] = await world.database.query<{ count: number }>(
    `select count(*)::integer from mallsync.tb_batch_execution_summary where mallsync_name = $1 and launched_at is not null`,
    [mallSync],
  );
  return row?.count ?? 0;
}

describe('SIGTERM', PATIENCE, () => {
  test('lets the looks under way end, and gives the Lease back after the last write', async () => {
    const leader = await meetInMidLaunch('ending', AT_ONCE);
    expect(await stop(leader)).toEqual({ exitCode: 0, signal: null });
    const lease = await world.client.request('GET', toLeasePath(world));
    expect(lease.spec.holderIdentity ?? '').toBe('');
    const jobs = await world.listJobs();
    expect(await countLaunched('ending')).toBe(jobs.length);
    const events = await world.client.request('GET', `/apis/events.k8s.io/v1/namespaces/${world.namespace}/events`);
    const written = [...jobs, ...events.items, await world.read('ending')].map(toVersion);
    expect(toVersion(lease)).toBeGreaterThan(Math.max(...written));
  });

  test('lets the standby lead at once, and nothing is done twice', async () => {
    const leader = await meetInMidLaunch('handed-over', SLOWLY);
    const standby = start(AT_ONCE);
    await awaitStandby(standby);
    const stoppedAtMs = performance.now();
    expect(await stop(leader)).toEqual({ exitCode: 0, signal: null });
    const endedAtMs = performance.now();
    await awaitLead(standby);
    const [drainMs, handOverMs] = [endedAtMs - stoppedAtMs, performance.now() - endedAtMs];
    process.stdout.write(`ended after ${Math.round(drainMs)} ms, another led ${Math.round(handOverMs)} ms later\n`);
    const finisher = await world.startKubelet({ play: () => ({}) });
    await world.waitFor('handed-over', isFinished);
    expect(await countRuns(world, 'handed-over')).toEqual({ COMPLETED: MALLS });
    expect(listTwice(kubelet.record.countByExecution())).toEqual([]);
    await finisher.stop();
  });

  test('ends one whose work hangs when the drain time is over, and then the Lease is not given back', async () => {
    const { proxy, environment } = await openWayToDatabase(world);
    const leader = await meetInMidLaunch('hanging', { ...SLOWLY, ...environment, MALLSYNC_DRAIN_SECONDS: '1' });
    const holder = await readHolder(world);
    const seen = listJobsOf(kubelet, 'hanging').length;
    await kubelet.waitUntil(() => listJobsOf(kubelet, 'hanging').length > seen);
    proxy.swallow();
    expect(await stop(leader)).toEqual({ exitCode: 0, signal: null });
    expect(await readHolder(world)).toBe(holder);
  });

  test('for the second time ends the process where it is', async () => {
    const { proxy, environment } = await openWayToApi(world);
    const leader = await meetInMidLaunch('cut-short', { ...SLOWLY, ...environment, MALLSYNC_DRAIN_SECONDS: '600' });
    proxy.swallow();
    leader.process.kill('SIGTERM');
    // the first one has been heard
    await until('the end of its listening', async () => {
      const rows = await world.database.query(
        `select 1 from pg_stat_activity where datname = current_database() and query ilike 'listen %'`,
      );
      return rows.length === 0;
    });
    expect(await stop(leader)).toEqual({ exitCode: 143, signal: null });
  });

  test('ends a standby at once', async () => {
    await world.client.request('POST', toLeasePath(world).replace(/\/[^/]+$/, ''), {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'mallsync-controller' },
      spec: { holderIdentity: 'another', leaseDurationSeconds: 300 },
    });
    const standby = start({});
    await awaitStandby(standby);
    expect(await stop(standby)).toEqual({ exitCode: 0, signal: null });
    expect(await readHolder(world)).toBe('another');
  });
});

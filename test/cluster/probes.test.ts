import { beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../support/api-server-door.ts';
import { createClusterWorld } from '../support/cluster-world.ts';
import { AT_ONCE, awaitLead, awaitStandby, awaitUrl, isFinished } from '../support/leader-scene.ts';
import { readSeries, sumBy, sumOf, toFamily, type Series } from '../support/metrics-text.ts';
import { killHard, until } from '../support/process-signals.ts';

const MALLS = 5;
/** As controller-runtime and client-go name them: dashboards and alerts are made for these. */
const KNOWN_FAMILIES = [
  'controller_runtime_active_workers',
  'controller_runtime_max_concurrent_reconciles',
  'controller_runtime_reconcile_errors_total',
  'controller_runtime_reconcile_panics_total',
  'controller_runtime_reconcile_time_seconds_bucket',
  'controller_runtime_reconcile_timeouts_total',
  'controller_runtime_reconcile_total',
  'controller_runtime_terminal_reconcile_errors_total',
  'leader_election_master_status',
  'rest_client_requests_total',
  'workqueue_adds_total',
  'workqueue_depth',
  'workqueue_longest_running_processor_seconds',
  'workqueue_queue_duration_seconds_bucket',
  'workqueue_retries_total',
  'workqueue_unfinished_work_seconds',
  'workqueue_work_duration_seconds_bucket',
];

const world = await createClusterWorld();
await world.startKubelet({ play: () => ({ sync: { kind: 'rejects', rows: 3, rejected: 1 } }) });
const leader = world.startController(AT_ONCE);
await awaitLead(leader);
const standby = world.startController(AT_ONCE);
await awaitStandby(standby);
const [leaderUrl, standbyUrl] = [await awaitUrl(leader), await awaitUrl(standby)];

async function probe(url: string, path: string): Promise<readonly [status: number, text: string]> {
  const response = await fetch(`${url}${path}`);
  return [response.status, await response.text()];
}

function awaitReady(url: string): Promise<boolean> {
  return until('it to be ready', async () => (await probe(url, '/readyz'))[0] === 200);
}

/** What must never go back, whoever tells it. */
function listTotals(series: Series): readonly (readonly [string, number])[] {
  return [...series]
    .filter(([name]) => /^mallsync_\w+_(total|sum|count)$/.test(toFamily(name)))
    .filter(([name]) => !/^mallsync_(api_connections|cache|fleet_metrics|events)/.test(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

describe('probes', () => {
  beforeAll(async () => {
    await Promise.all([awaitReady(leaderUrl), awaitReady(standbyUrl)]);
  });

  test('find leader and standby alive and ready, check by check', async () => {
    for (const url of [leaderUrl, standbyUrl]) {
      expect(await probe(url, '/livez')).toEqual([200, 'ok\n']);
      const [status, text] = await probe(url, '/readyz?verbose');
      expect(status).toBe(200);
      expect(text.match(/^\[\+\][\w-]+(?= ok$)/gm)).toEqual([
        '[+]cache-mallsyncs',
        '[+]cache-jobs',
        '[+]cache-pods',
        '[+]database',
      ]);
    }
  });

  test('find one whose caches are not complete alive and not ready, until they are', async () => {
    const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/${world.namespace}/roles/mallsync-controller`;
    const { rules } = await world.client.request('GET', role);
    const withoutPods = rules.filter(({ resources }: KubeObject) => !resources.includes('pods'));
    await world.client.request('PATCH', role, { rules: withoutPods });
    const newcomer = world.startController(AT_ONCE);
    const url = await awaitUrl(newcomer);
    await newcomer.waitForError(/"resource":"pods"[^\n]*"cache goes on after a fault"/);
    expect((await probe(url, '/livez'))[0]).toBe(200);
    const [status, text] = await probe(url, '/readyz');
    expect(status).toBe(503);
    expect(text).toContain('[-]cache-pods failed: not listed yet');
    await world.client.request('PATCH', role, { rules });
    await awaitReady(url);
    newcomer.process.kill('SIGTERM');
    expect(await newcomer.finished).toMatchObject({ exitCode: 0 });
  });
});

describe('metrics', () => {
  test('of the process have the names that controllers give them, for leader and standby', async () => {
    for (const url of [leaderUrl, standbyUrl]) {
      const families = new Set([...(await readSeries(url)).keys()].map(toFamily));
      expect(KNOWN_FAMILIES.filter((family) => !families.has(family))).toEqual([]);
    }
    const [ofLeader, ofStandby] = [await readSeries(leaderUrl), await readSeries(standbyUrl)];
    expect(sumOf(ofLeader, 'leader_election_master_status')).toBe(1);
    expect(sumOf(ofStandby, 'leader_election_master_status')).toBe(0);
  });

  test('of the fleet are the leader’s alone, and the next leader tells the same totals', async () => {
    await world.create('night', { mallIds: await world.addMalls(MALLS) });
    await world.waitFor('night', isFinished);
    const before = await readSeries(leaderUrl);
    expect(sumBy(before, 'mallsync_runs_total', 'domain')).toEqual({ MEMBER: MALLS, ORDER: 0, SALES: 0 });
    expect(sumBy(before, 'mallsync_rows_total', 'outcome')).toMatchObject({ inserted: 3 * MALLS, rejected: MALLS });
    const ofStandby = await readSeries(standbyUrl);
    expect([...ofStandby.keys()].filter((name) => /^mallsync_(runs|rows|jobs|malls)/.test(name))).toEqual([]);

    expect(await killHard(leader)).toBe(true);
    const epoch = await awaitLead(standby);
    const after = await readSeries(standbyUrl);
    expect(listTotals(after)).toEqual(listTotals(before));
    expect(sumOf(after, 'mallsync_leader_epoch')).toBe(epoch);
    await world.create('more', { mallIds: await world.addMalls(1) });
    await world.waitFor('more', isFinished);
    expect(sumOf(await readSeries(standbyUrl), 'mallsync_runs_total')).toBe(MALLS + 1);
  });
});

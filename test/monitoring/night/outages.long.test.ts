/**
 * What goes wrong with the controller itself, and with what it stands on: each trouble fires its own alert in a real
 * Prometheus and no other, and the alert ends with the trouble. As in the night, durations are divided by 120.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, startOfSeoulDay, toSeoulTime } from '../../../src/domain/seoul-time.ts';
import { createClusterWorld } from '../../support/cluster-world.ts';
import { atFileEnd } from '../../support/file-end.ts';
import { awaitLead, awaitUrl, toLeasePath } from '../../support/leader-scene.ts';
import { isOver } from '../../support/led-world.ts';
import { killHard, until } from '../../support/process-signals.ts';
import type { Started } from '../../support/program.ts';
import { startPrometheus } from '../../support/prometheus-server.ts';
import { playSync } from '../../support/sync-stand-in.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { toTime } from '../../support/test-kubelet-pods.ts';
import { buildCompleteStatus } from '../../support/test-kubelet-status.ts';
import { listRuleFiles, readHonorLabels, toTarget } from './targets.ts';

const PATIENCE = { timeout: 60_000, interval: 500 };
/** A process that stands for the others of its kind ends its lease soon, and a busy machine does not end it. */
const LEASE = {
  MALLSYNC_LEADER_LEASE_SECONDS: '20',
  MALLSYNC_LEADER_RENEW_SECONDS: '15',
  MALLSYNC_LEADER_RETRY_SECONDS: '1',
};
/** What these malls lack is no trouble here. */
const PATIENT_TARGET = { MALLSYNC_FRESHNESS_TARGET_HOURS: '8760' };
const YESTERDAY = startOfSeoulDay(Date.now()) - DAY_MS;

const world = await createClusterWorld();
const kubelet = await world.startKubelet({ play: ({ mallSync }) => (mallSync === 'slow-to-tell' ? null : {}) });
const prometheus = await startPrometheus({
  ruleFiles: await listRuleFiles(),
  scale: { factor: 120, leastSeconds: 10, leastStepSeconds: 2 },
  honorLabels: await readHonorLabels(),
});
const toDatabase = await startProxyTo(world.database.url);
const toApiServer = await startProxyTo(world.client.server);
const ledger = await world.database.open();
let leader: Started;

async function startProxyTo(target: string) {
  const { hostname, port } = new URL(target);
  const proxy = await startTcpProxy(hostname, Number(port));
  atFileEnd(() => proxy.close());
  return proxy;
}

function throughProxy(target: string, { host, port }: { readonly host: string; readonly port: number }): string {
  const url = new URL(target);
  [url.hostname, url.port] = [host, String(port)];
  return url.href;
}

function startController(environment: Readonly<Record<string, string>> = {}): Started {
  const MALLSYNC_DATABASE_URL = throughProxy(world.database.url, toDatabase);
  return world.startController({ ...LEASE, ...PATIENT_TARGET, MALLSYNC_DATABASE_URL, ...environment });
}

async function look(...controllers: readonly Started[]): Promise<void> {
  const urls = await Promise.all(controllers.map(awaitUrl));
  const { namespace } = world;
  await prometheus.setTargets(
    urls.map((url, index) => toTarget(url, { namespace, pod: `controller-${index + 1}`, component: 'controller' })),
  );
}

async function listFiring(): Promise<readonly string[]> {
  return (await prometheus.listAlerts()).filter(({ state }) => state === 'firing').map(({ name }) => name);
}

/** Of the one that fires; told in the test's output. */
async function readSummary(): Promise<string> {
  const [alert] = (await prometheus.listAlerts()).filter(({ state }) => state === 'firing');
  process.stdout.write(`${alert?.name}: ${alert?.annotations['summary']}\n`);
  return alert?.annotations['summary'] ?? '';
}

/** Those that wait for their `for` too. */
async function listAll(): Promise<readonly string[]> {
  return (await prometheus.listAlerts()).map(({ name }) => name);
}

beforeAll(async () => {
  leader = startController();
  await awaitLead(leader);
  await look(leader);
  await until('the series of the fleet', async () => (await prometheus.query('mallsync_jobs_active')).length > 0);
});

describe('trouble with what the controller stands on', () => {
  it('is quiet without any', async () => {
    await expect.poll(listAll, PATIENCE).toEqual([]);
  });

  it('a database that is cut off, until it is back', async () => {
    await toDatabase.cut();
    await expect.poll(listFiring, PATIENCE).toEqual(['MallsyncDatabaseUnreachable']);
    expect(await readSummary()).toMatch(/^1 process does not reach PostgreSQL/);
    await toDatabase.mend();
    await expect.poll(listAll, PATIENCE).toEqual([]);
  }, 180_000);

  it('an API server that a second replica does not reach, until it does', async () => {
    await toApiServer.cut();
    const kubeconfig = `${world.kubeconfig}-cut`;
    const text = await readFile(world.kubeconfig, 'utf8');
    const { origin } = new URL(throughProxy(world.client.server, toApiServer));
    await writeFile(kubeconfig, text.replace(new URL(world.client.server).origin, origin), { mode: 0o600 });
    const second = startController({ KUBECONFIG: kubeconfig, MALLSYNC_CLUSTER_ID: 'the-same' });
    await look(leader, second);
    await expect.poll(listFiring, PATIENCE).toEqual(['MallsyncCacheStale']);
    expect(await readSummary()).toMatch(/does not hear of the API server.*: jobs, mallsyncs, pods$/);
    await toApiServer.mend();
    await expect.poll(listAll, PATIENCE).toEqual([]);
    await killHard(second);
    await look(leader);
  }, 180_000);

  it('outcomes that are recorded late, while they are', async () => {
    const mallIds = await world.addMalls(16);
    const period = { startDate: toSeoulTime(YESTERDAY), endDate: toSeoulTime(YESTERDAY + DAY_MS) };
    await world.create('slow-to-tell', { ...period, mallIds, parallelism: 16 });
    await kubelet.waitUntil(({ list }) => list().filter(({ mallSync }) => mallSync === 'slow-to-tell').length === 16);
    const stop = new AbortController();
    const ending = endOneByOne(stop.signal);
    await expect.poll(listFiring, PATIENCE).toEqual(['MallsyncOutcomeRecordLag']);
    expect(await readSummary()).toMatch(/recorded .* after the end of their Jobs/);
    stop.abort();
    await ending;
    await expect.poll(listAll, PATIENCE).toEqual([]);
  }, 180_000);
});

/** Each Job ended ten minutes before it is told of, as by an API server that was away. */
async function endOneByOne(stop: AbortSignal): Promise<void> {
  const jobs = kubelet.record.list().filter(({ mallSync }) => mallSync === 'slow-to-tell');
  for (const { name, executionId, object } of jobs) {
    await playSync(ledger, executionId, { kind: 'completed' });
    const [startTime, completionTime] = [toTime(Date.now() - 1_200_000), toTime(Date.now() - 600_000)];
    const complete = buildCompleteStatus({ ...object, status: { startTime } });
    const conditions = complete.conditions.map((each: object) => ({ ...each, lastTransitionTime: completionTime }));
    const path = `/apis/batch/v1/namespaces/${world.namespace}/jobs/${name}/status`;
    await world.client.request('PATCH', path, { status: { ...complete, completionTime, conditions } });
    if (!stop.aborted) await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
}

describe('trouble with the controller itself', () => {
  it('a process that is gone, until there is another', async () => {
    await killHard(leader);
    await prometheus.setTargets([]);
    await expect.poll(listFiring, PATIENCE).toEqual(['MallsyncControllerAbsent']);
    expect(await readSummary()).toMatch(/^No controller is there/);
  }, 120_000);

  it('a Lease that somebody else holds, until he lets it go', async () => {
    const holding = new AbortController();
    const held = holdLease(holding.signal);
    leader = startController();
    await look(leader);
    await expect.poll(listFiring, PATIENCE).toEqual(['MallsyncNoLeader']);
    expect(await readSummary()).toMatch(/^Controllers run, but none leads/);
    holding.abort();
    await held;
    await awaitLead(leader);
    await expect.poll(listAll, PATIENCE).toEqual([]);
  }, 180_000);

  it('nights that never began', async () => {
    await world.addMalls(2);
    const scheduledAt = new Date(Date.now() - 3 * DAY_MS).toISOString();
    const nightly = ['nightly', '--scheduled-at', scheduledAt, '--domain', 'MEMBER', '--catch-up-days', '0'];
    const { stdout } = await world.start(nightly, { KUBECONFIG: await world.writeKubeconfig('mallsync-nightly') })
      .finished;
    const name = /nightly-member-\d+/.exec(stdout)?.[0] ?? '';
    await until('the end of the first night', async () => isOver(await world.read(name)));
    await killHard(leader);
    leader = startController({ MALLSYNC_NIGHTLY_SCHEDULE: '0 0 * * *' });
    await awaitLead(leader);
    await look(leader);
    await expect.poll(listFiring, PATIENCE).toEqual(['MallsyncScheduleMissed']);
    expect(await readSummary()).toMatch(/^The night did not begin/);
  }, 180_000);
});

/** As a controller that hangs and whose elector does not. */
async function holdLease(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const renewTime = `${new Date().toISOString().slice(0, -1)}000Z`;
    await world.client.request('PATCH', toLeasePath(world), { spec: { holderIdentity: 'somebody else', renewTime } });
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

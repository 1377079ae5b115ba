import { afterEach, describe, expect, test } from 'vitest';
import { createClusterWorld } from '../support/cluster-world.ts';
import {
  AT_ONCE,
  awaitLead,
  awaitStandby,
  awaitUrl,
  countRuns,
  isFinished,
  listJobsOf,
  listTwice,
  readEpoch,
  readHolder,
  SLOWLY,
  toLeasePath,
} from '../support/leader-scene.ts';
import { freeze, thaw, until } from '../support/process-signals.ts';
import type { Started } from '../support/program.ts';
import { openWayToApi, openWayToDatabase } from '../support/way-to.ts';

const MALLS = 40;
const EX_TEMPFAIL = 75;

const world = await createClusterWorld();
const kubelet = await world.startKubelet({ play: () => ({}) });
const running: Started[] = [];
let serial = 0;

afterEach(async () => {
  for (const { process } of running) process.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ finished }) => finished));
});

function start(environment: Readonly<Record<string, string>>): Started {
  const started = world.startController(environment);
  running.push(started);
  return started;
}

async function holdLeaseAs(holderIdentity: string): Promise<void> {
  const renewTime = `${new Date().toISOString().slice(0, -1)}000Z`;
  await world.client.request('PATCH', toLeasePath(world), { spec: { holderIdentity, renewTime } });
}

async function meetInMidLaunch(environment: Readonly<Record<string, string>> = {}) {
  const mallSync = `night-${(serial += 1)}`;
  const mallIds = await world.addMalls(MALLS);
  const leader = start({ ...SLOWLY, ...environment });
  const epoch = await awaitLead(leader);
  await world.create(mallSync, { mallIds, parallelism: MALLS });
  await kubelet.waitUntil(() => listJobsOf(kubelet, mallSync).length > 20);
  return { leader, epoch, mallSync };
}

/** Resolves with how the process ended by itself, and prints how long it took. */
async function awaitEnd(leader: Started) {
  const lostAtMs = performance.now();
  const { exitCode, signal, stderr } = await leader.finished;
  const tookMs = Math.round(performance.now() - lostAtMs);
  process.stdout.write(`${expect.getState().currentTestName}: ended ${tookMs} ms after\n`);
  return { exitCode, signal, lastWord: /^mallsync: (.*?):/m.exec(stderr)?.[1] ?? stderr };
}

/** What the one before left is finished by the next one, and nothing is done twice. */
async function finish(mallSync: string, epochBefore: number, standby?: Started) {
  // without a Lease nobody waits for the end of an old one
  if (standby === undefined) await world.client.request('DELETE', toLeasePath(world));
  const successor = standby ?? start(AT_ONCE);
  const epoch = await awaitLead(successor);
  await world.waitFor(mallSync, isFinished);
  return {
    isLaterEpoch: epoch > epochBefore,
    runs: await countRuns(world, mallSync),
    twice: [...listTwice(kubelet.record.countByExecution()), ...listTwice(kubelet.record.countByName())],
  };
}

const LEASE_LOST = { exitCode: EX_TEMPFAIL, signal: null, lastWord: 'LeaseLost' };
const ALL_DONE_ONCE = { isLaterEpoch: true, runs: { COMPLETED: MALLS }, twice: [] };

describe('a leader in mid-launch ends by itself, and the next one goes on', () => {
  test('when another holds its Lease', async () => {
    const { leader, epoch, mallSync } = await meetInMidLaunch();
    await holdLeaseAs('another');
    expect(await awaitEnd(leader)).toEqual(LEASE_LOST);
    expect(await readHolder(world)).toBe('another');
    expect(listJobsOf(kubelet, mallSync).length).toBeLessThan(MALLS);
    expect(await finish(mallSync, epoch)).toEqual(ALL_DONE_ONCE);
  });

  test('when its Lease cannot be renewed though all else goes on', async () => {
    const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/${world.namespace}/roles/mallsync-controller`;
    const { rules } = await world.client.request('GET', role);
    const { leader, epoch, mallSync } = await meetInMidLaunch();
    const withoutLeases = rules.filter(({ resources }: { resources: string[] }) => !resources.includes('leases'));
    expect(withoutLeases.length).toBeLessThan(rules.length);
    await world.client.request('PATCH', role, { rules: withoutLeases });
    expect(await awaitEnd(leader)).toEqual(LEASE_LOST);
    await world.client.request('PATCH', role, { rules });
    expect(await finish(mallSync, epoch)).toEqual(ALL_DONE_ONCE);
  });

  test('when the API server is cut off', async () => {
    const { proxy, environment } = await openWayToApi(world);
    const { leader, epoch, mallSync } = await meetInMidLaunch(environment);
    await proxy.cut();
    expect(await awaitEnd(leader)).toEqual(LEASE_LOST);
    expect(await finish(mallSync, epoch)).toEqual(ALL_DONE_ONCE);
  });

  test('when the API server falls silent', async () => {
    const { proxy, environment } = await openWayToApi(world);
    const { leader, epoch, mallSync } = await meetInMidLaunch(environment);
    proxy.swallow();
    expect(await awaitEnd(leader)).toEqual(LEASE_LOST);
    expect(await finish(mallSync, epoch)).toEqual(ALL_DONE_ONCE);
  });

  test('when another holds its Lease while the database is silent', async () => {
    const { proxy, environment } = await openWayToDatabase(world);
    const { leader, epoch, mallSync } = await meetInMidLaunch(environment);
    proxy.swallow();
    await holdLeaseAs('another');
    expect(await awaitEnd(leader)).toEqual(LEASE_LOST);
    expect(await finish(mallSync, epoch)).toEqual(ALL_DONE_ONCE);
  });

  test('when it was still for longer than its Lease and another has begun', async () => {
    const { leader, epoch, mallSync } = await meetInMidLaunch();
    const standby = start(AT_ONCE);
    await awaitStandby(standby);
    await freeze(leader);
    const next = await awaitLead(standby);
    thaw(leader);
    expect(await awaitEnd(leader)).toEqual(LEASE_LOST);
    expect(await finish(mallSync, epoch, standby)).toEqual(ALL_DONE_ONCE);
    expect(await readEpoch(world)).toBe(next);
  });

  test('when an epoch was drawn past it', async () => {
    const { leader, epoch, mallSync } = await meetInMidLaunch();
    await world.database.query('update mallsync.tb_controller_epoch set epoch = epoch + 1');
    expect(await awaitEnd(leader)).toEqual(LEASE_LOST);
    expect(await finish(mallSync, epoch + 1)).toEqual(ALL_DONE_ONCE);
  });
});

describe('a leader that does not lose its lead', () => {
  test('writes its Lease anew when it is deleted, and leads on alone', async () => {
    const { leader, epoch, mallSync } = await meetInMidLaunch();
    const standby = start(AT_ONCE);
    await awaitStandby(standby);
    await world.client.request('DELETE', toLeasePath(world));
    const holder = await until('a Lease', () => readHolder(world).catch(() => undefined));
    await world.waitFor(mallSync, isFinished);
    expect(await countRuns(world, mallSync)).toEqual({ COMPLETED: MALLS });
    expect(listTwice(kubelet.record.countByExecution())).toEqual([]);
    expect(await readHolder(world)).toBe(holder);
    expect(await readEpoch(world)).toBe(epoch);
    expect(leader.process.exitCode).toBeNull();
  });

  test('creates nothing while the database is away, says that it is not ready, and goes on when it is back', async () => {
    const { proxy, environment } = await openWayToDatabase(world);
    const leader = start({ ...AT_ONCE, ...environment });
    const url = await awaitUrl(leader);
    const epoch = await awaitLead(leader);
    await proxy.cut();
    const mallIds = await world.addMalls(3);
    await world.create('unlucky', { mallIds });
    await leader.waitForError(/"key":"unlucky"[^\n]*"reconcile failed"/);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(/\[-\]database failed/);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(listJobsOf(kubelet, 'unlucky')).toEqual([]);
    await proxy.mend();
    await world.waitFor('unlucky', isFinished);
    expect(await countRuns(world, 'unlucky')).toEqual({ COMPLETED: 3 });
    expect(await readEpoch(world)).toBe(epoch);
  });
});

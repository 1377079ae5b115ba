import { describe, expect, test } from 'vitest';
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
  toLeasePath,
} from '../support/leader-scene.ts';
import { ALL_DONE_ONCE, createLeaderWorld, LEASE_LOST, MALLS } from '../support/leader-world.ts';
import { until } from '../support/process-signals.ts';
import { openWayToApi, openWayToDatabase } from '../support/way-to.ts';

const { awaitEnd, finish, kubelet, meetInMidLaunch, start, world } = await createLeaderWorld();
/** Each waits for several processes, on a machine that others use too. */
const PATIENCE = { timeout: 180_000 };

describe('a leader in mid-launch ends by itself, and the next one goes on', PATIENCE, () => {
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

  test('when an epoch was drawn past it', async () => {
    const { leader, epoch, mallSync } = await meetInMidLaunch();
    await world.database.query('update mallsync.tb_controller_epoch set epoch = epoch + 1');
    expect(await awaitEnd(leader)).toEqual(LEASE_LOST);
    expect(await finish(mallSync, epoch + 1)).toEqual(ALL_DONE_ONCE);
  });
});

describe('a leader that does not lose its lead', PATIENCE, () => {
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

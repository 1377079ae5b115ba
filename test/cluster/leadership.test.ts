import { describe, expect, test } from 'vitest';
import { AT_ONCE, awaitLead, awaitStandby, listJobsOf, readEpoch, readHolder } from '../support/leader-scene.ts';
import { ALL_DONE_ONCE, createLeaderWorld, LEASE_LOST, MALLS } from '../support/leader-world.ts';
import { freeze, thaw } from '../support/process-signals.ts';
import { openWayToDatabase } from '../support/way-to.ts';

const { awaitEnd, finish, holdLeaseAs, kubelet, meetInMidLaunch, start, world } = await createLeaderWorld();
/** Each waits for several processes, on a machine that others use too. */
const PATIENCE = { timeout: 180_000 };

describe('a leader in mid-launch ends by itself, and the next one goes on', PATIENCE, () => {
  test('when another holds its Lease', async () => {
    const { leader, epoch, mallSync } = await meetInMidLaunch();
    await holdLeaseAs('another');
    expect(await awaitEnd(leader)).toEqual(LEASE_LOST);
    expect(await readHolder(world)).toBe('another');
    expect(listJobsOf(kubelet, mallSync).length).toBeLessThan(MALLS);
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
});

import { describe, expect, it } from 'vitest';
import {
  createLeaseServer,
  createLeaseWorld,
  DEFAULT_TIMING,
  PROMPT,
  type RequestFate,
} from '../../../../test/support/lease-world.ts';
import { createSteppedClock } from '../../../../test/support/stepped-clock.ts';
import type { ClusterError } from '../../../controller/cluster-error.ts';
import { createElector } from './elector.ts';

const timing = DEFAULT_TIMING;
const DAY_MS = 86_400_000;
const exact = (nowMs: number): number => nowMs;
const lostAnswer: RequestFate = { outMs: 5, backMs: 5, lost: 'answer' };
const unreachable: RequestFate = { outMs: 5, backMs: 5, lost: 'request' };

describe('an elector', () => {
  it('makes the Lease, leads at once, and renews with one PUT a second and nothing else', async () => {
    const world = createLeaseWorld(timing);
    world.start('one', exact);
    await world.advance(10_500);
    expect(world.reigns).toEqual([{ identity: 'one', startMs: 20, endMs: null }]);
    expect(world.requests.map(({ verb }) => verb)).toEqual(['get', 'create', ...Array<string>(10).fill('update')]);
    expect(world.requests.every(({ deadlineMs }) => deadlineMs === 2_000)).toBe(true);
    expect(world.readSpec()).toEqual({
      holderIdentity: 'one',
      leaseDurationSeconds: 6,
      acquireTime: '1970-01-01T00:00:00.010000Z',
      renewTime: '1970-01-01T00:00:10.020010Z',
      leaseTransitions: 0,
    });
  });

  it('waits while another renews, whatever the wall clocks say', async () => {
    const world = createLeaseWorld(timing);
    world.start('one', () => 0);
    await world.advance(100);
    world.start('another', (nowMs) => nowMs + 400 * DAY_MS);
    await world.advance(600_000);
    expect(world.reigns).toEqual([{ identity: 'one', startMs: 20, endMs: null }]);
    expect(world.requests.filter(({ body }) => JSON.stringify(body ?? '').includes('"another"'))).toEqual([]);
  });

  it('leads within 8 s after kill -9 of the leader, at whatever moment between two renewals', async () => {
    for (let afterMs = 0; afterMs < 1_100; afterMs += 50) {
      const world = createLeaseWorld(timing);
      const leader = world.start('one', exact);
      await world.advance(5_300);
      world.start('another', exact);
      await world.advance(5_000 + afterMs);
      leader.kill();
      const killedMs = world.nowMs();
      await world.advance(20_000);
      const tookMs = (world.reigns[1]?.startMs ?? Number.POSITIVE_INFINITY) - killedMs;
      expect(tookMs).toBeGreaterThan(4_000);
      expect(tookMs).toBeLessThan(8_000);
      expect(world.readSpec()).toMatchObject({ holderIdentity: 'another', leaseTransitions: 1 });
    }
  });

  it('leads within two seconds after a release, and not before the work has ended', async () => {
    const world = createLeaseWorld(timing);
    const leader = world.start('one', exact);
    await world.advance(3_000);
    world.start('another', exact);
    await world.advance(3_300);
    const stopped = leader.stop();
    await world.advance(2_000);
    await stopped;
    const [first, second] = world.reigns;
    expect(first?.endMs).toBe(6_300);
    expect(second?.startMs).toBeGreaterThan(6_300);
    expect(world.readSpec()).toMatchObject({ holderIdentity: 'another', leaseTransitions: 1 });
  });

  it('has lost as soon as it could not renew for the deadline, though its requests hang', async () => {
    const world = createLeaseWorld(timing);
    const leader = world.start('one', exact);
    await world.advance(3_500);
    const lastRenewalMs = 3_020;
    world.setFate(() => unreachable);
    await world.advance(10_000);
    expect(await leader.ended).toBe('LeaseLostError');
    const endMs = world.reigns[0]?.endMs ?? 0;
    expect(endMs).toBeGreaterThan(3_500);
    expect(endMs).toBeLessThanOrEqual(lastRenewalMs + 4_000);
    expect(leader.elector.readHealth().isLeading).toBe(false);
  });

  it('goes on when the answer to a renewal was lost though it was carried out', async () => {
    const world = createLeaseWorld(timing);
    const leader = world.start('one', exact);
    await world.advance(3_500);
    const fates = [lostAnswer];
    world.setFate(() => fates.shift() ?? PROMPT);
    await world.advance(20_000);
    expect(world.reigns).toEqual([{ identity: 'one', startMs: 20, endMs: null }]);
    expect(leader.elector.readHealth()).toMatchObject({ isLeading: true, holder: 'one' });
    expect(world.faults.map((fault) => (fault as ClusterError).kind)).toEqual(['timeout']);
  });

  it('leads after a claim whose answer was lost', async () => {
    const world = createLeaseWorld(timing);
    const fates = [PROMPT, lostAnswer];
    world.setFate(() => fates.shift() ?? PROMPT);
    world.start('one', exact);
    await world.advance(5_000);
    expect(world.reigns).toHaveLength(1);
    expect(world.readSpec()).toMatchObject({ holderIdentity: 'one', leaseTransitions: 0 });
  });

  it('does not lead by a claim whose answer it saw after the deadline, as one that stood still meanwhile', async () => {
    const clock = createSteppedClock();
    const server = createLeaseServer();
    const verbs: string[] = [];
    const gate = Promise.withResolvers<void>();
    const elector = createElector({
      client: {
        async call(call) {
          verbs.push(call.verb);
          const answer = server.answer(call);
          if (call.verb === 'create') await gate.promise;
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
      clock,
      lease: { namespace: 'here', name: 'mallsync-controller' },
      identity: 'one',
      timing,
      onHolder: () => undefined,
      onFault: () => undefined,
    });
    let verbsBefore: readonly string[] = [];
    const run = elector.run(async () => {
      verbsBefore = await Promise.resolve([...verbs]);
    }, new AbortController().signal);
    await clock.advance(timing.renewDeadlineSeconds * 1_000);
    gate.resolve();
    await clock.advance(0);
    expect(elector.readHealth()).toMatchObject({ isLeading: false, holder: 'one' });
    await clock.advance(1_000);
    await run;
    expect(verbsBefore).toEqual(['get', 'create', 'get', 'update']);
  });

  it('has lost at once when it finds another holder', async () => {
    const world = createLeaseWorld(timing);
    const leader = world.start('one', exact);
    await world.advance(3_500);
    world.deleteLease();
    world.start('fresh', exact);
    await world.advance(1_000);
    expect(await leader.ended).toBe('LeaseLostError');
    await leader.elector.release(new AbortController().signal);
    expect(world.readSpec()).toMatchObject({ holderIdentity: 'fresh' });
  });

  it('makes a Lease that was deleted again, without a moment of two leaders and without forgetting the terms', async () => {
    const world = createLeaseWorld(timing);
    const first = world.start('one', exact);
    await world.advance(100);
    world.start('another', exact);
    await world.advance(1_000);
    await Promise.all([first.stop(), world.advance(3_000)]);
    world.start('third', exact);
    for (let round = 0; round < 40; round += 1) {
      await world.advance(1_370);
      world.deleteLease();
    }
    await world.advance(2_000);
    expect(world.reigns.map(({ identity, endMs }) => [identity, endMs === null])).toEqual([
      ['one', false],
      ['another', true],
    ]);
    expect(world.readSpec()).toMatchObject({ holderIdentity: 'another', leaseTransitions: 1 });
  });

  it('waits out the holder of a deleted Lease that nobody renews any more', async () => {
    const world = createLeaseWorld(timing);
    const leader = world.start('one', exact);
    await world.advance(100);
    world.start('another', exact);
    await world.advance(3_000);
    leader.kill();
    world.deleteLease();
    const killedMs = world.nowMs();
    await world.advance(20_000);
    expect(world.reigns[1]?.startMs).toBeGreaterThan(killedMs + 4_000);
    expect(world.readSpec()).toMatchObject({ holderIdentity: 'another', leaseTransitions: 1 });
  });

  it('ends without leading when it is told to while it waits', async () => {
    const world = createLeaseWorld(timing);
    world.start('one', exact);
    await world.advance(100);
    const follower = world.start('another', exact);
    await world.advance(3_000);
    await follower.stop();
    expect(await follower.ended).toBe('done');
    expect(world.readSpec()).toMatchObject({ holderIdentity: 'one' });
  });
});

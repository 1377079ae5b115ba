import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMING } from '../../../../test/support/lease-world.ts';
import { toMicroTime } from '../micro-time.ts';
import { buildLease, parseLease, type Lease, type LeaseRecord } from './lease-record.ts';
import {
  buildHold,
  buildLeaseState,
  buildRelease,
  decideLeaseStep,
  noteHeld,
  noteRead,
  type LeaseState,
} from './lease-state.ts';

const timing = DEFAULT_TIMING;
const place = { namespace: 'here', name: 'mallsync-controller' };

function aLease(record: Partial<LeaseRecord>): Lease {
  const whole = { holder: 'rival', leaseSeconds: 6, acquireTime: 'then', renewTime: 'now', transitions: 4, ...record };
  const raw = { metadata: { resourceVersion: '9', labels: { kept: 'yes' } }, spec: { strategy: 'kept' } };
  return parseLease(buildLease(place, whole, parseLease(raw)));
}

const follower = buildLeaseState('me');
const decide = (state: LeaseState, nowMs: number) => decideLeaseStep(state, timing, nowMs);

describe('a follower', () => {
  it('claims what nobody holds', () => {
    expect(decide(noteRead(follower, null, timing, 100), 100)).toEqual({ kind: 'claim' });
    expect(decide(noteRead(follower, aLease({ holder: null, leaseSeconds: 1 }), timing, 100), 100)).toEqual({
      kind: 'claim',
    });
  });

  it('looks before it does anything', () => {
    expect(decide(follower, 1_000_000)).toEqual({ kind: 'wait', delayMs: 0 });
  });

  it('waits a lease duration from the last change that it saw, and is there when it ends', () => {
    const seen = noteRead(follower, aLease({}), timing, 1_000);
    const unchanged = noteRead(seen, aLease({}), timing, 4_000);
    expect(decide(unchanged, 4_000)).toEqual({ kind: 'wait', delayMs: 1_000 });
    expect(decide(unchanged, 6_700)).toEqual({ kind: 'wait', delayMs: 300 });
    expect(decide(unchanged, 7_000)).toEqual({ kind: 'claim' });
    const renewed = noteRead(unchanged, aLease({ renewTime: 'later' }), timing, 6_900);
    expect(decide(renewed, 12_899)).toEqual({ kind: 'wait', delayMs: 1 });
  });

  it('waits as long as the holder says where that is longer', () => {
    const seen = noteRead(follower, aLease({ leaseSeconds: 15 }), timing, 0);
    expect(decide(seen, 14_999)).toEqual({ kind: 'wait', delayMs: 1 });
    expect(decide(noteRead(follower, aLease({ leaseSeconds: 1 }), timing, 0), 5_999)).toEqual({
      kind: 'wait',
      delayMs: 1,
    });
  });

  it('never judges by what the record says of the time', () => {
    const times = fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constant(null),
    );
    fc.assert(
      fc.property(times, times, fc.nat(5_999), (acquireTime, renewTime, nowMs) => {
        const seen = noteRead(follower, aLease({ acquireTime, renewTime }), timing, 0);
        expect(decide(seen, nowMs).kind).toBe('wait');
        expect(decide(seen, 6_000).kind).toBe('claim');
      }),
    );
  });

  it('claims again what is its own by name: the answer to its claim was lost', () => {
    expect(decide(noteRead(follower, aLease({ holder: 'me' }), timing, 100), 100)).toEqual({ kind: 'claim' });
  });
});

describe('a leader', () => {
  const leader = noteHeld(noteRead(follower, null, timing, 0), aLease({ holder: 'me' }), timing, 1_000);

  it('leads until the deadline after it sent its last renewal', () => {
    expect(decide(leader, 4_999)).toEqual({ kind: 'renew' });
    expect(decide(leader, 5_000)).toMatchObject({ kind: 'lost' });
    expect(decide(noteHeld(leader, aLease({ holder: 'me' }), timing, 4_000), 7_999)).toEqual({ kind: 'renew' });
  });

  it('has lost when another holds the lease, and makes one that is gone again', () => {
    expect(decide(noteRead(leader, aLease({}), timing, 2_000), 2_000)).toMatchObject({ kind: 'lost' });
    expect(decide(noteRead(leader, null, timing, 2_000), 2_000)).toEqual({ kind: 'renew' });
  });

  it('ends before any rival that saw its last renewal begins', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(10_000), fc.nat(20_000), (sentMs, delayMs, waitMs) => {
        const mine = noteHeld(follower, aLease({ holder: 'me' }), timing, sentMs);
        const seenMs = sentMs + delayMs;
        const rival = noteRead(buildLeaseState('rival'), aLease({ holder: 'me' }), timing, seenMs);
        const atMs = seenMs + waitMs;
        expect([decide(mine, atMs).kind, decide(rival, atMs).kind]).not.toEqual(['renew', 'claim']);
      }),
    );
  });
});

describe('what is written', () => {
  it('counts a term only when the holder changes, and keeps when it began', () => {
    const now = toMicroTime(0);
    const free = noteRead(follower, aLease({ holder: null }), timing, 0);
    expect(buildHold(free, timing, now)).toMatchObject({ holder: 'me', transitions: 5, acquireTime: now });
    const held = noteHeld(free, aLease({ holder: 'me', transitions: 5 }), timing, 0);
    expect(buildHold(held, timing, now)).toMatchObject({ transitions: 5, acquireTime: 'then', renewTime: now });
    expect(buildHold(noteRead(held, null, timing, 0), timing, now)).toMatchObject({ transitions: 5 });
    expect(buildRelease(held, now)).toMatchObject({ holder: null, leaseSeconds: 1, transitions: 5 });
    expect(buildHold(noteRead(follower, null, timing, 0), timing, now)).toMatchObject({ transitions: 0 });
  });

  it('leaves all else on the object as it was', () => {
    const written = buildLease(place, aLease({}).record, aLease({}));
    expect(written).toMatchObject({
      metadata: { ...place, resourceVersion: '9', labels: { kept: 'yes' } },
      spec: { strategy: 'kept', holderIdentity: 'rival' },
    });
  });

  it('has six digits of a second', () => {
    expect(toMicroTime(1_795_364_880_007, 42)).toBe('2026-11-22T16:28:00.007042Z');
  });
});

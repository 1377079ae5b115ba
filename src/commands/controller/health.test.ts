import { describe, expect, it } from 'vitest';
import { createSteppedClock } from '../../../test/support/stepped-clock.ts';
import type { ProbeCheck } from '../../adapters/telemetry/probe-check.ts';
import type { Clock } from '../../domain/clock.ts';
import {
  createCacheCheck,
  createDatabaseCheck,
  createElectorCheck,
  createLoopCheck,
  createWorkersCheck,
} from './health.ts';

const running = new AbortController().signal;

async function run(check: ProbeCheck): Promise<string | null> {
  return await check.run(running);
}

describe('createLoopCheck', () => {
  it('passes while the loop keeps its beat', async () => {
    const clock = createSteppedClock();
    const check = createLoopCheck(clock, 4_000, running);
    await clock.advance(60_000);
    expect(await run(check)).toBeNull();
  });

  it('fails as long as the loop is held up, and at the beat after', async () => {
    const stepped = createSteppedClock();
    let heldUpMs = 0;
    const clock: Clock = { ...stepped, monotonicMs: () => stepped.monotonicMs() + heldUpMs };
    const check = createLoopCheck(clock, 4_000, running);
    await stepped.advance(10_000);
    heldUpMs = 4_900;
    expect(await run(check)).toBeNull();
    heldUpMs = 5_100;
    expect(await run(check)).toBe('held up for 4 s');
    await stepped.advance(1_000);
    expect(await run(check)).toBe('held up for 5 s');
    await stepped.advance(1_000);
    expect(await run(check)).toBeNull();
  });

  it('leaves no timer behind', async () => {
    const clock = createSteppedClock();
    const stop = new AbortController();
    createLoopCheck(clock, 4_000, stop.signal);
    await clock.advance(10_000);
    stop.abort();
    expect(clock.countSleepers()).toBe(0);
  });
});

describe('createElectorCheck', () => {
  it.each([
    ['a leader that renews', true, 12_000, null],
    ['a leader that does not', true, 12_001, 'leads without renewing for 12 s'],
    ['a follower while the API server is away', false, 600_000, null],
    ['a follower that hears nothing at all', false, 600_001, 'no lease seen for 600 s'],
  ])('judges %s', async (_name, isLeading, silentMs, fault) => {
    const health = { isLeading, silentMs, holder: null };
    expect(await run(createElectorCheck(() => health, createSteppedClock(), 12_000))).toBe(fault);
  });

  it('counts from its making until the first answer', async () => {
    const clock = createSteppedClock();
    const check = createElectorCheck(() => ({ isLeading: false, silentMs: null, holder: null }), clock, 12_000);
    expect(await run(check)).toBeNull();
    await clock.advance(600_001);
    expect(await run(check)).toBe('no lease seen for 600 s');
  });
});

it('fails when a look goes on though it was cut short', async () => {
  expect(await run(createWorkersCheck(() => [], 120_000))).toBeNull();
  expect(await run(createWorkersCheck(() => [120_000, 3], 120_000))).toBeNull();
  expect(await run(createWorkersCheck(() => [3, 120_001], 120_000))).toBe('one has had its key for 120 s');
});

it('takes a cache for ready when it is complete and heard of lately', async () => {
  const check = (hasSynced: boolean, silentMs: number | null) =>
    run(createCacheCheck('jobs', () => ({ hasSynced, silentMs })));
  expect(await check(false, 0)).toBe('not listed yet');
  expect(await check(true, 300_000)).toBeNull();
  expect(await check(true, 301_000)).toBe('nothing heard for 301 s');
});

it('takes any answer of the database for one', async () => {
  expect(await run(createDatabaseCheck(() => Promise.resolve(1)))).toBeNull();
  expect(await run(createDatabaseCheck(() => Promise.reject(new Error('password s3cret'))))).toBe('it does not answer');
});

import { describe, expect, it } from 'vitest';
import type { SteppedClock } from '../../test/support/stepped-clock.ts';
import { createHanging, startWorkers, TIMEOUT_MS, type WorkerWorld } from '../../test/support/worker-world.ts';
import { TerminalError, TransientError } from '../domain/errors.ts';
import { ClusterError } from './cluster-error.ts';
import { DONE } from './reconcile-result.ts';
import { PRIORITY } from './work-queue-priority.ts';
import type { Reconcile } from './worker-loop.ts';

/** Ends each look as the script says, the last word for ever; `log` has the times of the looks. */
function scripted(...script: readonly (Error | number | 'done')[]): {
  readonly log: { readonly atMs: number; readonly key: string }[];
  readonly run: (clock: () => SteppedClock) => Reconcile;
} {
  const log: { readonly atMs: number; readonly key: string }[] = [];
  const run = (clock: () => SteppedClock): Reconcile => {
    return async (key) => {
      const word = script[Math.min(log.length, script.length - 1)] ?? 'done';
      log.push({ atMs: clock().monotonicMs(), key });
      await Promise.resolve();
      if (word instanceof Error) throw word;
      return word === 'done' ? DONE : { kind: 'later', afterMs: word };
    };
  };
  return { log, run };
}

/** The times at which a key that ends as the script says is looked at, and what the observer saw. */
async function lookAt(...script: readonly (Error | number | 'done')[]): Promise<{
  readonly times: readonly number[];
  readonly world: WorkerWorld;
}> {
  const { log, run } = scripted(...script);
  const world: WorkerWorld = startWorkers(run(() => world.clock));
  world.queue.add('a');
  await world.clock.advance(2_000);
  world.stop.abort();
  await world.clock.advance(0);
  expect(world.end).toBe(true);
  return { times: log.map(({ atMs }) => atMs), world };
}

describe('runWorkers', () => {
  it('looks once at a key that is done', async () => {
    const { times, world } = await lookAt('done');
    expect(times).toEqual([0]);
    expect(world.outcomes).toEqual(['success']);
    expect(world.clock.countSleepers()).toBe(0);
  });

  it('looks again when the look says so, with no back-off left from failures before', async () => {
    const failure = new TransientError('DatabaseUnavailable', 'gone');
    const { times, world } = await lookAt(failure, failure, 100, failure, 'done');
    expect(times).toEqual([0, 5, 15, 115, 120]);
    expect(world.outcomes).toEqual(['error', 'error', 'requeue_after', 'error', 'success']);
  });

  it.each([
    ['a refusal of the API server', new ClusterError('forbidden', 'no'), 'error'],
    ['no answer', new ClusterError('timeout', 'no answer'), 'error'],
    ['a database that is away', new TransientError('DatabaseUnavailable', 'away'), 'error'],
    ['a defect', new RangeError('undefined is not a function'), 'panic'],
  ])('backs off from %s', async (_name, error, kind) => {
    const { times, world } = await lookAt(error, error, error, 'done');
    expect(times).toEqual([0, 5, 15, 35]);
    expect(world.failures.map((failure) => failure.kind)).toEqual([kind, kind, kind]);
    expect(world.failures[0]).toMatchObject({ key: 'a', reconcileId: 'look-1', isTimeout: false, error });
  });

  it('takes a conflict for no error and looks again soon', async () => {
    const { times, world } = await lookAt(new ClusterError('conflict', 'changed'), 'done');
    expect(times).toEqual([0, 5]);
    expect(world.outcomes).toEqual(['requeue', 'success']);
  });

  it('waits as long as it was told to', async () => {
    const throttled = new ClusterError('throttled', 'slow down', { retryAfterMs: 1_000 });
    expect((await lookAt(throttled, 'done')).times).toEqual([0, 1_000]);
    const limited = new TransientError('DatabaseUnavailable', 'full', { retryAfterMs: 300 });
    expect((await lookAt(limited, 'done')).times).toEqual([0, 300]);
  });

  it('looks once a minute at a key that fails the same way every time, so that it goes on when that is mended', async () => {
    const wrongPassword = new TerminalError('ConfigInvalid', 'no');
    const { log, run } = scripted(wrongPassword, wrongPassword, 'done');
    const world: WorkerWorld = startWorkers(run(() => world.clock));
    world.queue.add('a', { priority: PRIORITY.act });
    await world.clock.advance(1_000_000);
    expect(log.map(({ atMs }) => atMs)).toEqual([0, 60_000, 120_000]);
    expect(world.failures.map(({ kind }) => kind)).toEqual(['terminal', 'terminal']);
    expect(world.outcomes).toEqual(['error', 'error', 'success']);
    world.stop.abort();
  });

  it('keeps the priority of a failed look and gives a later look none', async () => {
    const seen: string[] = [];
    const words: Record<string, readonly (Error | number)[]> = {
      failed: [new ClusterError('unavailable', 'away')],
      later: [5],
    };
    const reconcile: Reconcile = async (key) => {
      const word = seen.includes(key) ? undefined : words[key]?.[0];
      seen.push(key);
      await Promise.resolve();
      if (word instanceof Error) throw word;
      return word === undefined ? DONE : { kind: 'later', afterMs: word };
    };
    const world = startWorkers(reconcile, 1);
    world.queue.add('later', { priority: PRIORITY.act });
    world.queue.add('failed', { priority: PRIORITY.act });
    await world.clock.advance(4);
    // all three become due at one moment
    world.queue.add('between', { priority: PRIORITY.spec, delayMs: 1 });
    await world.clock.advance(100);
    expect(seen).toEqual(['later', 'failed', 'failed', 'between', 'later']);
    world.stop.abort();
  });

  it('cuts a look short that takes too long, and tries again', async () => {
    const hanging = createHanging();
    const world = startWorkers(hanging.reconcile);
    world.queue.add('a');
    await world.clock.advance(TIMEOUT_MS - 1);
    expect(hanging.reasons).toEqual([]);
    await world.clock.advance(1);
    expect(hanging.reasons).toHaveLength(1);
    expect(world.failures).toMatchObject([{ kind: 'error', isTimeout: true }]);
    hanging.release();
    await world.clock.advance(5);
    expect(world.outcomes).toEqual(['error', 'success']);
    world.stop.abort();
  });

  it('never has more looks under way than workers, nor two of one key', async () => {
    const running: string[] = [];
    let most = 0;
    const world: WorkerWorld = startWorkers(async (key) => {
      expect(running).not.toContain(key);
      running.push(key);
      most = Math.max(most, running.length);
      await world.clock.sleep(10, new AbortController().signal);
      running.splice(running.indexOf(key), 1);
      return DONE;
    }, 3);
    for (let round = 0; round < 10; round++) {
      for (const key of ['a', 'b', 'c', 'd', 'e']) world.queue.add(key);
      await world.clock.advance(7);
    }
    await world.clock.advance(1_000);
    expect(most).toBe(3);
    expect(world.failures).toEqual([]);
    expect(world.outcomes.length).toBeGreaterThan(5);
    world.stop.abort();
  });
});

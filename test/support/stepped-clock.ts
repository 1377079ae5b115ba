import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/domain/clock.ts';

/** A clock that stands still until it is moved, and wakes its sleepers in order of their time. */
export interface SteppedClock extends Clock {
  /** Whoever is woken on the way, and all that follows from it at once, has run by the time this resolves. */
  advance(ms: number): Promise<void>;
  countSleepers(): number;
}

interface Sleeper {
  readonly dueMs: number;
  wake(): void;
}

export function createSteppedClock(startMs = 0): SteppedClock {
  let now = startMs;
  const sleepers = new Set<Sleeper>();
  return {
    nowMs: () => now,
    monotonicMs: () => now,
    sleep(delayMs, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (signal.aborted) reject(signal.reason);
      const sleeper = { dueMs: now + Math.max(delayMs, 0), wake: resolve };
      sleepers.add(sleeper);
      signal.addEventListener(
        'abort',
        () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        },
        { once: true },
      );
      return promise;
    },
    countSleepers: () => sleepers.size,
    async advance(ms) {
      const endMs = now + ms;
      await setImmediate();
      for (let next = findNext(sleepers, endMs); next !== undefined; next = findNext(sleepers, endMs)) {
        now = Math.max(now, next.dueMs);
        sleepers.delete(next);
        next.wake();
        await setImmediate();
      }
      now = endMs;
    },
  };
}

function findNext(sleepers: ReadonlySet<Sleeper>, endMs: number): Sleeper | undefined {
  return [...sleepers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
}

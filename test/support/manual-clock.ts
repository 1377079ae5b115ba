import type { Clock } from '../../src/domain/clock.ts';

/** A clock that moves only by `sleep`, at once; it keeps the delays that were asked for. */
export interface ManualClock extends Clock {
  readonly delaysMs: number[];
  advance(ms: number): void;
}

export function createManualClock(startMs = 0): ManualClock {
  let now = startMs;
  const delaysMs: number[] = [];
  return {
    delaysMs,
    nowMs: () => now,
    monotonicMs: () => now,
    async sleep(delayMs, signal) {
      signal.throwIfAborted();
      delaysMs.push(delayMs);
      now += delayMs;
      await Promise.resolve();
    },
    advance(ms) {
      now += ms;
    },
  };
}

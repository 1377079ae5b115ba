import type { Clock } from '../../../domain/clock.ts';

const FIRST_CEILING_MS = 800;
const LONGEST_CEILING_MS = 30_000;
const HEALTHY_MS = 120_000;

/** How long to wait after a failure: anything up to a ceiling that doubles until two minutes pass without one. */
export interface WatchBackOff {
  /** Counts a failure. */
  nextDelayMs(retryAfterMs?: number): number;
}

export function createWatchBackOff(clock: Clock, random: () => number): WatchBackOff {
  let ceilingMs = FIRST_CEILING_MS;
  let lastFailureMs = Number.NEGATIVE_INFINITY;
  return {
    nextDelayMs(retryAfterMs = 0) {
      const now = clock.monotonicMs();
      if (now - lastFailureMs >= HEALTHY_MS) ceilingMs = FIRST_CEILING_MS;
      const delayMs = Math.max(retryAfterMs, random() * ceilingMs);
      ceilingMs = Math.min(LONGEST_CEILING_MS, ceilingMs * 2);
      lastFailureMs = now + delayMs;
      return delayMs;
    },
  };
}

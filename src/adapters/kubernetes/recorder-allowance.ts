import type { Clock } from '../../domain/clock.ts';

const BURST = 25;
const REFILL_MS = 5_000;
const MOST_REMEMBERED = 4_096;

/** How many Events one object may have written: 25 at once, then one each five seconds. */
export interface EventAllowance {
  take(uid: string): boolean;
}

export function createEventAllowance(clock: Clock): EventAllowance {
  const buckets = new Map<string, { readonly tokens: number; readonly atMs: number }>();
  return {
    take(uid) {
      const atMs = clock.monotonicMs();
      const bucket = buckets.get(uid) ?? { tokens: BURST, atMs };
      const tokens = Math.min(BURST, bucket.tokens + (atMs - bucket.atMs) / REFILL_MS);
      buckets.delete(uid);
      buckets.set(uid, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs });
      for (const oldest of buckets.keys()) {
        if (buckets.size <= MOST_REMEMBERED) break;
        buckets.delete(oldest);
      }
      return tokens >= 1;
    },
  };
}

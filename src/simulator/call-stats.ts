import { toPermittedCalls } from './call-bucket.ts';

export interface EndpointStats {
  readonly calls: number;
  readonly accepted: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Calls the bucket let through, as a share of those it would have let through from the first call to the last. */
  readonly permittedCallsUsed: number;
  readonly seconds: number;
}

export interface CallStats {
  /** `bucketSize` is undefined for endpoints without a bucket. */
  recordCall(endpoint: string, nowMs: number, bucketSize: number | undefined, isAccepted: boolean): void;
  recordStatus(endpoint: string, status: number): void;
  recordLost(endpoint: string): void;
  read(): Readonly<Record<string, EndpointStats>>;
  reset(): void;
}

interface Tally {
  calls: number;
  accepted: number;
  firstMs: number;
  lastMs: number;
  readonly bucketSize: number | undefined;
  readonly byStatus: Record<string, number>;
}

function toStats(tally: Tally): EndpointStats {
  const seconds = (tally.lastMs - tally.firstMs) / 1000;
  const permitted = tally.bucketSize === undefined ? tally.calls : toPermittedCalls(tally.bucketSize, seconds);
  return {
    calls: tally.calls,
    accepted: tally.accepted,
    byStatus: { ...tally.byStatus },
    permittedCallsUsed: permitted === 0 ? 0 : tally.accepted / permitted,
    seconds,
  };
}

export function createCallStats(): CallStats {
  const tallies = new Map<string, Tally>();

  function countOutcome(endpoint: string, outcome: string): void {
    const tally = tallies.get(endpoint);
    if (tally !== undefined) tally.byStatus[outcome] = (tally.byStatus[outcome] ?? 0) + 1;
  }

  return {
    recordCall(endpoint, nowMs, bucketSize, isAccepted) {
      const fresh = { calls: 0, accepted: 0, firstMs: nowMs, lastMs: nowMs, bucketSize, byStatus: {} };
      const tally = tallies.get(endpoint) ?? fresh;
      tallies.set(endpoint, tally);
      tally.calls++;
      if (isAccepted) tally.accepted++;
      tally.lastMs = nowMs;
    },
    recordStatus: (endpoint, status) => countOutcome(endpoint, String(status)),
    recordLost: (endpoint) => countOutcome(endpoint, 'lost'),
    read: () => Object.fromEntries(Array.from(tallies, ([endpoint, tally]) => [endpoint, toStats(tally)])),
    reset: () => tallies.clear(),
  };
}

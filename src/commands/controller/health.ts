import type { ElectorHealth } from '../../adapters/kubernetes/elector/lease-keeper.ts';
import type { ReflectorHealth } from '../../adapters/kubernetes/reflector/reflector.ts';
import type { ProbeCheck } from '../../adapters/telemetry/probe-check.ts';
import type { Clock } from '../../domain/clock.ts';

/** A follower that hears nothing cannot be told from an API server that is away, which no restart mends. */
const FOLLOWER_SILENT_MS = 600_000;
/** Bookmarks come once a minute, and a watch without them ends itself well before this. */
const STALE_MS = 300_000;

/** The loop keeps its beat: no work holds it up for longer than a leader can go without renewing. */
export function createLoopCheck(clock: Clock, limitMs: number, signal: AbortSignal): ProbeCheck {
  let beatAtMs = clock.monotonicMs();
  let lagMs = 0;
  const beat = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(limitMs / 4, signal);
      const nowMs = clock.monotonicMs();
      lagMs = nowMs - beatAtMs - limitMs / 4;
      beatAtMs = nowMs;
    }
  };
  beat().catch(() => undefined);
  return {
    name: 'event-loop',
    run() {
      // a probe is often answered before the beat that was held up with it
      const worstMs = Math.max(lagMs, clock.monotonicMs() - beatAtMs - limitMs / 4);
      return worstMs > limitMs ? `held up for ${toSeconds(worstMs)}` : null;
    },
  };
}

/**
 * The elector goes on: a leader has renewed, a follower has heard of the lease.
 * @param leaderLimitMs longer than a lease lasts, after which a leader must have given up by itself
 */
export function createElectorCheck(
  readHealth: () => ElectorHealth,
  clock: Pick<Clock, 'monotonicMs'>,
  leaderLimitMs: number,
): ProbeCheck {
  const startedAtMs = clock.monotonicMs();
  return {
    name: 'elector',
    run() {
      const { isLeading, silentMs } = readHealth();
      const sinceMs = silentMs ?? clock.monotonicMs() - startedAtMs;
      if (sinceMs <= (isLeading ? leaderLimitMs : FOLLOWER_SILENT_MS)) return null;
      return isLeading ? `leads without renewing for ${toSeconds(sinceMs)}` : `no lease seen for ${toSeconds(sinceMs)}`;
    },
  };
}

/** @param limitMs longer than a look may take before it is cut short: one that goes on all the same hangs for good */
export function createWorkersCheck(readWorkMs: () => readonly number[], limitMs: number): ProbeCheck {
  return {
    name: 'workers',
    run() {
      const longestMs = Math.max(0, ...readWorkMs());
      return longestMs > limitMs ? `one has had its key for ${toSeconds(longestMs)}` : null;
    },
  };
}

/** The cache of `resource` is complete and not stale. */
export function createCacheCheck(
  resource: string,
  readHealth: () => Pick<ReflectorHealth, 'hasSynced' | 'silentMs'>,
): ProbeCheck {
  return {
    name: `cache-${resource}`,
    run() {
      const { hasSynced, silentMs } = readHealth();
      if (!hasSynced) return 'not listed yet';
      return silentMs !== null && silentMs > STALE_MS ? `nothing heard for ${toSeconds(silentMs)}` : null;
    },
  };
}

/** @param ask rejects when the database does not answer */
export function createDatabaseCheck(ask: (signal: AbortSignal) => Promise<unknown>): ProbeCheck {
  return {
    name: 'database',
    async run(signal) {
      try {
        await ask(signal);
        return null;
      } catch {
        return 'it does not answer';
      }
    },
  };
}

function toSeconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}

import type { Clock } from '../domain/clock.ts';
import { LeaseLostError } from '../domain/errors.ts';
import type { ClaimedExecution } from '../domain/execution.ts';
import type { LeaseKeeper } from './ledger.ts';

/** A wait shorter than this is not worth showing as WAITING. */
const WAITING_THRESHOLD_MS = 2_000;

export interface HeartbeatDependencies {
  readonly leases: LeaseKeeper;
  readonly clock: Clock;
  readonly isWaiting: (thresholdMs: number) => boolean;
  readonly onWaiting: (isWaiting: boolean) => void;
  /** Called once when the lease is another's; the heartbeat has ended by then. */
  readonly onLost: (error: LeaseLostError) => void;
}

export interface Heartbeat {
  /** Resolves when no renewal is under way any more. */
  stop(): Promise<void>;
}

/**
 * Renews the lease at a third of its length. A renewal that fails for any other reason than loss is tried again at the
 * next beat: the fence, not this timer, keeps a run that outlives its lease from writing.
 */
export function startHeartbeat(
  execution: ClaimedExecution,
  leaseSeconds: number,
  dependencies: HeartbeatDependencies,
): Heartbeat {
  const { leases, clock, isWaiting, onWaiting, onLost } = dependencies;
  const stopping = new AbortController();
  let wasWaiting = false;

  const beat = async (): Promise<void> => {
    const waiting = isWaiting(WAITING_THRESHOLD_MS);
    if (waiting !== wasWaiting) onWaiting(waiting);
    wasWaiting = waiting;
    await leases.renew(execution, waiting ? 'WAITING' : 'RUNNING');
  };
  const beatUntilStopped = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await clock.sleep((leaseSeconds * 1_000) / 3, stopping.signal);
        await beat();
      } catch (thrown) {
        if (stopping.signal.aborted) return;
        if (thrown instanceof LeaseLostError) {
          onLost(thrown);
          return;
        }
      }
    }
  };

  const ended = beatUntilStopped();
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

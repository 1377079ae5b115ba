import type { Clock } from '../domain/clock.ts';
import type { CallCosts, CallMeter, WaitCause } from './page-source.ts';

export interface RunMeter extends CallMeter {
  /** The costs since the last drain; they are the caller's to store from then on. */
  drain(): CallCosts;
  /** Something has been waiting for at least `thresholdMs`. */
  isWaiting(thresholdMs: number): boolean;
}

export function createRunMeter(clock: Clock): RunMeter {
  const calls = new Map<string, { endpoint: string; code: string; count: number }>();
  const waits = new Map<WaitCause, number>();
  const waitingSince = new Set<{ readonly startMs: number }>();
  return {
    addCall(endpoint, code) {
      const name = `${endpoint} ${code}`;
      const entry = calls.get(name);
      if (entry === undefined) calls.set(name, { endpoint, code, count: 1 });
      else entry.count += 1;
    },
    startWait(cause) {
      const wait = { startMs: clock.monotonicMs() };
      waitingSince.add(wait);
      return () => {
        if (!waitingSince.delete(wait)) return;
        waits.set(cause, (waits.get(cause) ?? 0) + clock.monotonicMs() - wait.startMs);
      };
    },
    drain() {
      const costs = {
        calls: [...calls.values()],
        waits: Array.from(waits, ([cause, waitMs]) => ({ cause, waitMs: Math.round(waitMs) })),
      };
      calls.clear();
      waits.clear();
      return costs;
    },
    isWaiting(thresholdMs) {
      const now = clock.monotonicMs();
      for (const wait of waitingSince) if (now - wait.startMs >= thresholdMs) return true;
      return false;
    },
  };
}

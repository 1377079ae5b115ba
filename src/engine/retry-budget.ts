import type { Clock } from '../domain/clock.ts';
import { TransientError } from '../domain/errors.ts';
import type { CallMeter } from './page-source.ts';

export interface RetrySettings {
  /** Failures in a row, without a committed page between them, that a run survives. */
  readonly failuresWithoutProgress: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

export const DEFAULT_RETRY: RetrySettings = { failuresWithoutProgress: 8, firstDelayMs: 1_000, longestDelayMs: 30_000 };

export interface RetryDependencies {
  readonly clock: Clock;
  readonly meter: CallMeter;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly onRetry: (error: TransientError, delayMs: number) => void;
}

/** What an operation may know of the tries before it. */
export interface Attempt {
  /** A smaller page may succeed where the last try did not. */
  readonly isSmallerAdvised: boolean;
}

/** One budget for all operations of a run: it shrinks with failures and is whole again after progress. */
export interface RetryBudget {
  /** Repeats what fails transiently until the budget is spent; rejects with the last error, or the signal's reason. */
  run<Result>(operation: (attempt: Attempt) => Promise<Result>, signal: AbortSignal): Promise<Result>;
  noteProgress(): void;
}

export function createRetryBudget(settings: RetrySettings, dependencies: RetryDependencies): RetryBudget {
  const { clock, meter, random, onRetry } = dependencies;
  let failures = 0;
  let isCountedFromMs = -Infinity;

  /**
   * Operations that began before the last counted one tries again met the same trouble, so together they count once:
   * else a run that asks for many pages ahead would spend the budget many times as fast.
   * @returns the delay of the next try, or null when the budget is spent
   */
  function countFailure(error: TransientError, startedMs: number): number | null {
    const isCounted = startedMs >= isCountedFromMs;
    if (isCounted) failures += 1;
    if (failures > settings.failuresWithoutProgress) return null;
    const delayMs = toDelayMs(settings, failures, error.retryAfterMs, random());
    if (isCounted) isCountedFromMs = clock.monotonicMs() + delayMs;
    return delayMs;
  }

  async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
    const endWait = meter.startWait('retry');
    try {
      await clock.sleep(delayMs, signal);
    } finally {
      endWait();
    }
  }

  return {
    async run(operation, signal) {
      let isSmallerAdvised = false;
      for (;;) {
        signal.throwIfAborted();
        const startedMs = clock.monotonicMs();
        try {
          return await operation({ isSmallerAdvised });
        } catch (thrown) {
          if (!(thrown instanceof TransientError)) throw thrown;
          signal.throwIfAborted();
          const delayMs = countFailure(thrown, startedMs);
          if (delayMs === null) throw thrown;
          isSmallerAdvised = isSmallerAdvised || thrown.maySucceedSmaller;
          onRetry(thrown, delayMs);
          await pause(delayMs, signal);
        }
      }
    },
    noteProgress() {
      failures = 0;
    },
  };
}

/** Doubles with each failure up to the longest delay, with half of it random; never sooner than the error asks. */
export function toDelayMs(
  settings: RetrySettings,
  failures: number,
  retryAfterMs: number | undefined,
  random: number,
): number {
  const ceilingMs = Math.min(settings.longestDelayMs, settings.firstDelayMs * 2 ** Math.max(0, failures - 1));
  return Math.max(retryAfterMs ?? 0, Math.round(ceilingMs / 2 + (ceilingMs / 2) * random));
}

import type { Clock } from '../../domain/clock.ts';
import { TransientError } from '../../domain/errors.ts';
import type { CallMeter } from '../../engine/page-source.ts';
import { PermitLane } from './permit-lane.ts';
import type { Bucket, RateBudget, UsageReport } from '../../domain/rate-budget.ts';
import { toUsagePercent } from './usage-headers.ts';

/** How long one call may wait before it counts as failed. */
export interface Patience {
  readonly rateMs: number;
  readonly quotaMs: number;
}

export const DEFAULT_PATIENCE: Patience = { rateMs: 30 * 60_000, quotaMs: 2 * 3_600_000 };

/** Lets calls of one mall go at the speed that all its processes together may have. */
export interface Pacer {
  /**
   * Resolves when one call to the bucket's endpoint may be made, which then must be made at once: the API's bucket leaks
   * from the arrival of a call. First come, first served.
   * @throws TransientError RateLimited or QuotaExceeded when patience has run out, the signal's reason when it aborts.
   */
  take(bucket: Bucket, signal: AbortSignal): Promise<void>;
  /** No call to `endpoint` ('*': to the whole mall) for `blockMs`, in no process. */
  block(endpoint: string, blockMs: number): Promise<void>;
  /** Feeds back what an answer said. */
  report(bucket: Bucket, report: UsageReport): Promise<void>;
  /** @throws TransientError when a call that began to wait at `sinceMs` (monotonic) has waited too long. */
  assertPatience(endpoint: string, isQuota: boolean, sinceMs: number): void;
}

export interface PacerDependencies {
  readonly budget: RateBudget;
  readonly mallId: number;
  /** A back-fill gets nothing while a nightly run of its mall is live, so its patience is the longer one. */
  readonly isBackfill: boolean;
  readonly meter: CallMeter;
  readonly clock: Clock;
  readonly patience?: Patience;
}

/** Lets every call go at once: for measurements against a server without limits. */
export const NO_PACING: Pacer = {
  async take(_, signal) {
    signal.throwIfAborted();
  },
  block: () => Promise.resolve(),
  report: () => Promise.resolve(),
  assertPatience: () => undefined,
};

const REPORT_EVERY_MS = 2_000;
const SLOW_FROM_PERCENT = 80;
const SLOW_MS_PER_PERCENT = 50;
const LONGEST_SLOW_MS = 1_000;

export function createPacer(dependencies: PacerDependencies): Pacer {
  const { budget, mallId, isBackfill, clock, patience = DEFAULT_PATIENCE } = dependencies;
  const lanes = new Map<string, PermitLane>();
  const lastReportMs = new Map<string, number>();
  let slowUntilMs = -Infinity;

  function assertPatience(endpoint: string, isQuota: boolean, sinceMs: number): void {
    const limitMs = isQuota || isBackfill ? patience.quotaMs : patience.rateMs;
    if (clock.monotonicMs() - sinceMs < limitMs) return;
    const minutes = Math.round(limitMs / 60_000);
    if (isQuota) throw new TransientError('QuotaExceeded', `the mall's usage quota was spent for ${minutes} minutes`);
    throw new TransientError('RateLimited', `no call to ${endpoint} was free for ${minutes} minutes`);
  }

  function toLane(bucket: Bucket): PermitLane {
    const known = lanes.get(bucket.endpoint);
    if (known !== undefined) return known;
    const lane = new PermitLane({
      clock,
      meter: dependencies.meter,
      takePermits: (wanted) => budget.takePermits(mallId, bucket, wanted, isBackfill),
      slowedForMs: () => slowUntilMs - clock.monotonicMs(),
      assertPatience: (isQuota, sinceMs) => assertPatience(bucket.endpoint, isQuota, sinceMs),
    });
    lanes.set(bucket.endpoint, lane);
    return lane;
  }

  return {
    take: (bucket, signal) => toLane(bucket).take(signal),
    async block(endpoint, blockMs) {
      for (const [name, lane] of lanes) if (endpoint === '*' || endpoint === name) lane.dropStock();
      await budget.block(mallId, endpoint, blockMs);
    },
    async report(bucket, report) {
      const now = clock.monotonicMs();
      const percent = toUsagePercent(report);
      if (percent >= SLOW_FROM_PERCENT) {
        slowUntilMs = now + Math.min(LONGEST_SLOW_MS, (percent - SLOW_FROM_PERCENT) * SLOW_MS_PER_PERCENT);
      }
      const isFull = report.used !== undefined && report.size !== undefined && report.used >= report.size;
      const isUrgent = isFull || percent >= SLOW_FROM_PERCENT;
      if (!isUrgent && now - (lastReportMs.get(bucket.endpoint) ?? -Infinity) < REPORT_EVERY_MS) return;
      lastReportMs.set(bucket.endpoint, now);
      await budget.reportUsage(mallId, bucket, report);
    },
    assertPatience,
  };
}

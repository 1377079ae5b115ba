/** How long what takes; `leaseSeconds` > `renewDeadlineSeconds` > `retrySeconds`. */
export interface LeaseTiming {
  /** A follower waits for so long after the last change of the Lease that it saw. Whole seconds. */
  readonly leaseSeconds: number;
  /** A leader that could not renew for so long has lost. */
  readonly renewDeadlineSeconds: number;
  /** Between renewals, and between looks of a follower. */
  readonly retrySeconds: number;
}

/** Twice as fast as Go controllers: the epoch in the database, not the clock, makes an overlap harmless. */
export const DEFAULT_LEASE_TIMING: LeaseTiming = { leaseSeconds: 6, renewDeadlineSeconds: 4, retrySeconds: 1 };

/** What is wrong with it, or null. */
export function findTimingFault({ leaseSeconds, renewDeadlineSeconds, retrySeconds }: LeaseTiming): string | null {
  if (!Number.isInteger(leaseSeconds)) return 'a lease lasts whole seconds';
  if (leaseSeconds <= renewDeadlineSeconds) return 'a lease has to last longer than its renew deadline';
  if (renewDeadlineSeconds <= retrySeconds * 2) return 'the renew deadline has to leave time for two tries';
  return retrySeconds > 0 ? null : 'tries need some time between them';
}

/** How long what takes; `leaseSeconds` > `renewDeadlineSeconds` > `retrySeconds`. */
export interface LeaseTiming {
  /** A follower waits for so long after the last change of the Lease that it saw. Whole seconds. */
  readonly leaseSeconds: number;
  /** A leader that could not renew for so long has lost. */
  readonly renewDeadlineSeconds: number;
  /** Between renewals, and between looks of a follower. */
  readonly retrySeconds: number;
}

import type { Notice } from './cluster.ts';
import type { Outcome } from './controller-ledger.ts';
import type { MallSync, MallSyncSpec, MallSyncStatus } from './mall-sync.ts';
import type { ObservedJob, ObservedPod } from './observed-job.ts';
import type { LedgerState } from './run.ts';

/** How full the installation is, for the explanation. */
export interface Capacity {
  /** Jobs at once over all MallSyncs. */
  readonly limit: number;
  readonly active: number;
  /** Runs of other MallSyncs that will be launched before this one's. */
  readonly ahead: number;
}

/** Everything that a decision about one MallSync may look at. */
export interface Observed {
  readonly mallSync: MallSync & { readonly spec: MallSyncSpec };
  readonly ledger: LedgerState;
  /** Those that it owns, from the cache. */
  readonly jobs: readonly ObservedJob[];
  /** Of those Jobs. */
  readonly pods: readonly ObservedPod[];
  /** Names of Jobs that a live read has just found absent. */
  readonly absentJobs: ReadonlySet<string>;
  readonly capacity: Capacity;
}

export interface DecisionSettings {
  /** How long a finished Job stays after its outcome was recorded. */
  readonly succeededJobTtlSeconds: number;
  readonly failedJobTtlSeconds: number;
  /** A Job whose pod cannot start for so long is given up. */
  readonly startDeadlineSeconds: number;
}

export type Action =
  /** Expand, and admit what is due for `attemptCount`. */
  | { readonly kind: 'admit' }
  /** A Job of a run that was not noted as launched is there: it is the one. */
  | {
      readonly kind: 'mark-launched';
      readonly launches: readonly { readonly executionId: number; readonly jobName: string }[];
    }
  /** Look live whether the Job of a launched run is really absent. */
  | { readonly kind: 'verify-absence'; readonly jobName: string }
  | { readonly kind: 'record'; readonly outcomes: readonly Outcome[] }
  | { readonly kind: 'release-job'; readonly job: ObservedJob; readonly ttlSeconds: number }
  | { readonly kind: 'delete-job'; readonly job: ObservedJob }
  | { readonly kind: 'delete-mall-sync' };

export interface Decision {
  /** In order; after any of them that writes to the ledger, look and decide again. */
  readonly actions: readonly Action[];
  /** Why they are due: one of each verdict that wants something done, for the log. */
  readonly reasons: readonly { readonly reason: string; readonly message: string }[];
  readonly status: MallSyncStatus;
  /** What changed for people since the last written status. */
  readonly notices: readonly Notice[];
  /** When to look again though nothing happens; null when only a change of the object can matter. */
  readonly requeueAfterMs: number | null;
}

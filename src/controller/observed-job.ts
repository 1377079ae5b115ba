import type { FailureReason } from '../domain/failure.ts';

/** A Job as the cluster shows it: what decisions need of it, and no more. */
export interface ObservedJob {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The MallSync that owns it, by its owner reference. */
  readonly ownerUid: string | null;
  readonly mallSyncName: string | null;
  readonly executionId: number | null;
  readonly instanceId: number | null;
  readonly isDeleting: boolean;
  readonly hasOutcomeFinalizer: boolean;
  /** By Kueue or a person; never ours to change. */
  readonly isSuspended: boolean;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  /** Null until it has a terminal condition: Complete or Failed, not their forerunners. */
  readonly end: JobEnd | null;
}

export interface JobEnd {
  readonly kind: 'complete' | 'failed';
  /** The condition's, e.g. BackoffLimitExceeded, DeadlineExceeded, PodFailurePolicy. */
  readonly reason: string;
  readonly message: string;
  readonly atMs: number;
}

export interface ObservedPod {
  readonly name: string;
  readonly uid: string;
  readonly jobName: string;
  readonly createdAtMs: number;
  readonly isDeleting: boolean;
  /** Why it cannot start or was ended from outside: ImagePull, Unschedulable, OutOfMemory, Evicted. */
  readonly trouble: { readonly reason: FailureReason; readonly message: string; readonly sinceMs: number } | null;
  /** How its container ended; the word of its run report where that could be read. */
  readonly termination: {
    readonly exitCode: number;
    readonly reason: FailureReason | null;
    readonly message: string | null;
  } | null;
}

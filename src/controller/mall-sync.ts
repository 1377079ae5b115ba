import type { DomainType } from '../domain/domain-type.ts';
import type { Trigger } from '../domain/execution.ts';
import type { FailureReason } from '../domain/failure.ts';
import type { Period } from '../domain/period.ts';

/** What is wanted, with the schema's defaults filled in. */
export interface MallSyncSpec {
  readonly domainType: DomainType;
  readonly period: Period;
  /** Null: all active malls that take the domain type, narrowed by `mallSelector`. */
  readonly mallIds: readonly number[] | null;
  readonly mallSelector: Readonly<Record<string, string>> | null;
  readonly pageSize: number;
  /** Null: the next free attempt of each instance, once. */
  readonly attemptCount: number | null;
  readonly reprocess: boolean;
  readonly reason: string;
  readonly trigger: Exclude<Trigger, 'LOCAL'>;
  readonly requestedBy: string;
  /** Only the rejected rows of these groups; no group means all of them. */
  readonly replay: { readonly fingerprints: readonly string[] } | null;
  /** Jobs at once. */
  readonly parallelism: number;
  /** -1000 to 1000; the trigger's default where none was given. */
  readonly priority: number;
  readonly suspend: boolean;
  readonly cancel: boolean;
  readonly activeDeadlineSeconds: number;
  readonly ttlSecondsAfterFinished: number;
}

export const CONDITION_TYPES = ['Admitted', 'Progressing', 'Succeeded', 'Degraded'] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase, for machines. */
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  /** RFC 3339, whole seconds, UTC. */
  readonly lastTransitionTime: string;
}

/** Every mall stands in exactly one of these, so that they add up to `total`. */
export interface MallCounts {
  readonly total: number;
  readonly waiting: number;
  readonly active: number;
  readonly succeeded: number;
  readonly withRejects: number;
  readonly alreadyComplete: number;
  readonly refused: number;
  readonly failed: number;
  readonly stopped: number;
}

export interface RowCounts {
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
}

export interface MallFailure {
  readonly mallId: number;
  readonly reason: FailureReason;
  readonly message: string;
  /** Absent where no execution was made. */
  readonly attempt?: number;
  readonly executionId?: number;
}

export interface MallSyncStatus {
  readonly observedGeneration: number;
  /** In the order of CONDITION_TYPES. */
  readonly conditions: readonly Condition[];
  readonly malls: MallCounts;
  readonly rows: RowCounts;
  /** 20 at most, in order of mallId. */
  readonly failures: readonly MallFailure[];
  readonly explanation: string;
  /** RFC 3339, whole seconds, UTC. */
  readonly startTime?: string;
  readonly completionTime?: string;
}

/** A MallSync as the cluster holds it. */
export interface MallSync {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly createdAtMs: number;
  readonly isDeleting: boolean;
  /** The retry request it was made for. */
  readonly retryRequestId: number | null;
  /** Null when it cannot be read; `fault` says why. */
  readonly spec: MallSyncSpec | null;
  readonly fault: string | null;
  readonly status: MallSyncStatus | null;
}

/** A MallSync that is to be made. */
export interface MallSyncDraft {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As a person would write it; what is left out takes the schema's default. */
  readonly spec: Readonly<Record<string, unknown>>;
}

import type { ExecutionMode, ExecutionStatus } from './execution.ts';
import { isComplete, isLive } from './execution.ts';
import type { FailureReason } from './failure.ts';

export interface AdmissionWish {
  readonly pageSize: number;
  /** Null: the next free one. */
  readonly attemptCount: number | null;
  readonly mode: ExecutionMode;
  /** Why; a REPROCESS must have one. */
  readonly reason: string;
  /**
   * What a used attempt number means: `next`, take the next free one; `adopt`, the very execution of that number is
   * meant, and is taken over where it is live.
   */
  readonly onUsedAttempt: 'next' | 'adopt';
}

export interface KnownExecution {
  readonly executionId: number;
  readonly attemptCount: number;
  readonly status: ExecutionStatus;
  readonly mode: ExecutionMode;
  readonly reading: number;
  readonly pageSize: number;
  /** The MallSync that it was admitted for; null for one of `run`, `serve` or `sync`. */
  readonly mallSyncName: string | null;
}

/** What the ledger knows of a mall, domain type and period. */
export interface InstanceState {
  /** By the database's clock. */
  readonly isPeriodOver: boolean;
  /** The current pass over the instance. */
  readonly reading: number;
  /** Every attempt so far, in any order. */
  readonly executions: readonly KnownExecution[];
  /** Whether rejected rows that the wish could replay are open. */
  readonly hasOpenRejects: boolean;
}

export type AdmissionDecision =
  | { readonly kind: 'admit'; readonly attemptCount: number; readonly mode: ExecutionMode; readonly reading: number }
  | { readonly kind: 'adopt'; readonly execution: KnownExecution }
  | { readonly kind: 'live'; readonly execution: KnownExecution }
  | { readonly kind: 'already-complete'; readonly execution: KnownExecution }
  | { readonly kind: 'refused'; readonly reason: FailureReason; readonly message: string };

/**
 * Whether a new execution may begin. Page size and spelling of the dates are no part of identity, so they never let a
 * second one in. A REPROCESS of an instance that is not complete goes on with what there is.
 */
export function decideAdmission(wish: AdmissionWish, instance: InstanceState): AdmissionDecision {
  if (!instance.isPeriodOver) return refuse('PeriodOpen', 'the period is not over yet');
  const { executions } = instance;
  const named = executions.find((execution) => execution.attemptCount === wish.attemptCount);
  if (named !== undefined && wish.onUsedAttempt === 'adopt') return decideAdoption(wish, named, executions);
  const live = executions.find((execution) => isLive(execution.status));
  if (live !== undefined) return { kind: 'live', execution: live };
  const complete = executions.find(
    ({ status, mode, reading }) => isComplete(status) && mode !== 'REPLAY' && reading === instance.reading,
  );
  const attemptCount = named === undefined && wish.attemptCount !== null ? wish.attemptCount : nextAttempt(executions);
  if (wish.mode === 'REPLAY') {
    if (!instance.hasOpenRejects) return refuse('DuplicateRefused', 'no rejected row of this period is open');
    return { kind: 'admit', attemptCount, mode: 'REPLAY', reading: instance.reading };
  }
  if (complete === undefined) return { kind: 'admit', attemptCount, mode: 'RESUME', reading: instance.reading };
  if (wish.mode === 'RESUME') return { kind: 'already-complete', execution: complete };
  if (wish.reason.trim() === '') return refuse('ConfigInvalid', 'a reprocess needs a reason');
  return { kind: 'admit', attemptCount, mode: 'REPROCESS', reading: instance.reading + 1 };
}

function decideAdoption(
  wish: AdmissionWish,
  named: KnownExecution,
  executions: readonly KnownExecution[],
): AdmissionDecision {
  if (isComplete(named.status)) return { kind: 'already-complete', execution: named };
  if (!isLive(named.status)) {
    return refuse(
      'DuplicateRefused',
      `attempt ${named.attemptCount} has ended as ${named.status}; the next free attempt is ${nextAttempt(executions)}`,
    );
  }
  if (named.pageSize !== wish.pageSize) {
    return refuse('DuplicateRefused', `attempt ${named.attemptCount} is live with page size ${named.pageSize}`);
  }
  return { kind: 'adopt', execution: named };
}

/** Says to whom a second one comes too late. */
export function describeLive({ executionId, attemptCount, status, mallSyncName }: KnownExecution): string {
  const owner = mallSyncName === null ? 'a local run' : `MallSync ${mallSyncName}`;
  const state = status === 'REQUESTED' ? 'waiting' : 'running';
  return `already ${state} as attempt ${attemptCount} (execution ${executionId}, ${owner})`;
}

/** Whether a refusal's message is one of `describeLive`. */
export function isAboutLive(message: string): boolean {
  return /^already (?:waiting|running) as attempt /.test(message);
}

function nextAttempt(executions: readonly KnownExecution[]): number {
  return Math.max(0, ...executions.map((execution) => execution.attemptCount)) + 1;
}

function refuse(reason: FailureReason, message: string): AdmissionDecision {
  return { kind: 'refused', reason, message };
}

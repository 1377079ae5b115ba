import type { Counters } from '../../domain/counters.ts';
import { addCounters, NO_COUNTERS } from '../../domain/counters.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import type { KnownExecution } from '../../domain/admission.ts';
import type { SyncError } from '../../domain/errors.ts';
import type { ClaimedExecution, ExecutionStatus } from '../../domain/execution.ts';
import type { ExecutionEnd } from '../../engine/ledger.ts';
import type { WorkItem } from './work-item.ts';
import { isComplete } from '../../domain/execution.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { FailureReason } from '../../domain/failure.ts';
import { FAILURES } from '../../domain/failure.ts';

/** What came of one mall and domain type of a run; the keys of `run --json`. */
export interface ExecutionReport extends Omit<Counters, 'bytes'> {
  readonly mallId: number;
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  /** Null when no execution was begun: refused, or held by another process. */
  readonly executionId: number | null;
  readonly attemptCount: number | null;
  readonly status: ExecutionStatus | 'REFUSED';
  /** Complete before this run: nothing was read now, the counters are zero. */
  readonly alreadyComplete: boolean;
  readonly failureReason: FailureReason | null;
  readonly failureMessage: string | null;
  readonly seconds: number;
}

type EndedExecution = Pick<KnownExecution, 'executionId' | 'attemptCount' | 'status'>;

/** How an item came out, before it is a report. */
export type ReportedEnd =
  | { readonly kind: 'ended'; readonly execution: ClaimedExecution; readonly end: ExecutionEnd }
  | {
      readonly kind: 'left-live';
      readonly execution: ClaimedExecution;
      readonly error: SyncError;
      readonly counters: Counters;
    }
  | { readonly kind: 'already-complete'; readonly execution: EndedExecution }
  | {
      readonly kind: 'not-begun';
      readonly status: 'REFUSED';
      readonly reason: FailureReason;
      readonly message: string;
    };

export interface RunReport {
  readonly executions: readonly ExecutionReport[];
  readonly totals: Omit<Counters, 'bytes'> & Record<Tally, number>;
  readonly seconds: number;
}

type Tally = 'completed' | 'withRejects' | 'alreadyComplete' | 'failed';

export function buildReport(item: WorkItem, end: ReportedEnd, seconds: number): ExecutionReport {
  const execution = 'execution' in end ? end.execution : null;
  const { bytes: _bytes, ...counters } = countersOf(end);
  return {
    mallId: item.mall.mallId,
    domainType: item.domainType,
    startDate: item.period.startDate,
    endDate: item.period.endDate,
    executionId: execution?.executionId ?? null,
    attemptCount: execution?.attemptCount ?? null,
    alreadyComplete: end.kind === 'already-complete',
    ...toOutcome(end),
    ...counters,
    seconds: toMilliseconds(seconds),
  };
}

function countersOf(end: ReportedEnd): Counters {
  if (end.kind === 'ended') return end.end.counters;
  return end.kind === 'left-live' ? end.counters : NO_COUNTERS;
}

function toOutcome(end: ReportedEnd): Pick<ExecutionReport, 'status' | 'failureReason' | 'failureMessage'> {
  if (end.kind === 'ended') {
    const { status, failureReason, failureMessage } = end.end;
    return { status, failureReason, failureMessage };
  }
  if (end.kind === 'left-live') {
    return { status: 'RUNNING', failureReason: end.error.reason, failureMessage: end.error.message };
  }
  if (end.kind === 'already-complete') {
    return { status: end.execution.status, failureReason: null, failureMessage: null };
  }
  return { status: end.status, failureReason: end.reason, failureMessage: end.message };
}

/** An item that its thread, or all threads, died before; an execution that it had begun is live until its lease ends. */
export function buildLostReport(item: WorkItem, death: Error | null): ExecutionReport {
  const message = `the thread that should have run it ended: ${death?.message ?? 'see the log'}`;
  return buildReport(item, { kind: 'not-begun', status: 'REFUSED', reason: 'Lost', message }, 0);
}

export function buildRunReport(executions: readonly ExecutionReport[], seconds: number): RunReport {
  const { bytes: _bytes, ...counters } = executions.reduce(addCounters, NO_COUNTERS);
  const tallies = executions.map(toTally);
  const count = (tally: Tally): number => tallies.filter((each) => each === tally).length;
  return {
    executions,
    seconds: toMilliseconds(seconds),
    totals: {
      ...counters,
      completed: count('completed'),
      withRejects: count('withRejects'),
      alreadyComplete: count('alreadyComplete'),
      failed: count('failed'),
    },
  };
}

/** Seconds as far as they mean anything. */
function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}

export function toTally(report: ExecutionReport): Tally {
  if (report.alreadyComplete) return 'alreadyComplete';
  if (report.status === 'REFUSED' || !isComplete(report.status)) return 'failed';
  return report.status === 'COMPLETED_WITH_REJECTS' ? 'withRejects' : 'completed';
}

/**
 * 0 when everything is complete; 1 when some failed; the code of the refusal when nothing was begun for one and the same
 * reason.
 */
export function toRunExitCode({ executions, totals }: RunReport): ExitCode {
  if (totals.failed === 0) return EXIT.ok;
  const reasons = new Set(executions.map(({ status, failureReason }) => (status === 'REFUSED' ? failureReason : null)));
  const [only] = reasons;
  return reasons.size === 1 && only !== null && only !== undefined ? FAILURES[only].exitCode : EXIT.someFailed;
}

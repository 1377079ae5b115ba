import type { Counters } from '../../domain/counters.ts';
import { addCounters, NO_COUNTERS } from '../../domain/counters.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import type { ExecutionStatus } from '../../domain/execution.ts';
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

export interface RunReport {
  readonly executions: readonly ExecutionReport[];
  readonly totals: Omit<Counters, 'bytes'> & Record<Tally, number>;
  readonly seconds: number;
}

type Tally = 'completed' | 'withRejects' | 'alreadyComplete' | 'failed';

export function buildRunReport(executions: readonly ExecutionReport[], seconds: number): RunReport {
  const { bytes: _bytes, ...counters } = executions.reduce(addCounters, NO_COUNTERS);
  const tallies = executions.map(toTally);
  const count = (tally: Tally): number => tallies.filter((each) => each === tally).length;
  return {
    executions,
    totals: {
      ...counters,
      completed: count('completed'),
      withRejects: count('withRejects'),
      alreadyComplete: count('alreadyComplete'),
      failed: count('failed'),
    },
    seconds,
  };
}

export function toTally(report: ExecutionReport): Tally {
  if (report.alreadyComplete) return 'alreadyComplete';
  if (report.status === 'REFUSED' || !isComplete(report.status)) return 'failed';
  return report.status === 'COMPLETED_WITH_REJECTS' ? 'withRejects' : 'completed';
}

/**
 * 0 when every execution is complete; the failure's own code when all failed for one; 1 when some failed or for several
 * reasons.
 */
export function toRunExitCode(report: RunReport): ExitCode {
  if (report.totals.failed === 0) return EXIT.ok;
  const failures = report.executions.filter((each) => toTally(each) === 'failed');
  const codes = new Set(
    failures.map(({ failureReason }) => (failureReason === null ? null : FAILURES[failureReason].exitCode)),
  );
  const [only] = codes;
  const isAll = failures.length === report.executions.length;
  return isAll && codes.size === 1 && only !== undefined && only !== null ? only : EXIT.someFailed;
}

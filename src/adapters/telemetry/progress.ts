import type { DomainType } from '../../domain/domain-type.ts';
import type { ClaimedExecution, ExecutionStatus } from '../../domain/execution.ts';
import type { RunObserver } from '../../engine/run-observer.ts';

interface Subject {
  /** Null where none was begun. */
  readonly executionId: number | null;
  readonly mallId: number;
  readonly domainType: DomainType;
}

/** What happens in a run, small and plain enough to pass between threads. */
export type ProgressEvent = Subject &
  (
    | { readonly kind: 'started'; readonly attemptCount: number }
    /** A window's count became known; null where the API has none. */
    | { readonly kind: 'expected'; readonly rows: number | null }
    | { readonly kind: 'page'; readonly rows: number; readonly rejected: number }
    | { readonly kind: 'reread'; readonly counted: number | null; readonly seen: number }
    | { readonly kind: 'waiting'; readonly isWaiting: boolean }
    | { readonly kind: 'retry'; readonly reason: string; readonly delayMs: number }
    | {
        readonly kind: 'ended';
        /** Undefined when the execution stays live for another try. */
        readonly status: ExecutionStatus | undefined;
        readonly isAlreadyComplete: boolean;
        readonly reason: string | null;
        readonly rows: number;
      }
  );

export interface PlannedMall {
  readonly mallId: number;
  readonly label: string;
  readonly domainTypes: readonly DomainType[];
}

/** Shows a run while it lasts. */
export interface ProgressDisplay {
  readonly plan: (malls: readonly PlannedMall[]) => void;
  readonly show: (event: ProgressEvent) => void;
  /** A whole line, line end included, kept apart from what moves. */
  readonly writeLine: (line: string) => void;
  readonly stop: () => void;
}

/** What the events of an execution are about. */
export function toSubject({ executionId, mallId, domainType }: ClaimedExecution): Subject {
  return { executionId, mallId, domainType };
}

export function createProgressObserver(emit: (event: ProgressEvent) => void): RunObserver {
  return {
    onPage(execution, page, outcome) {
      if (!outcome.wasApplied) return;
      emit({ ...toSubject(execution), kind: 'page', rows: page.counters.read, rejected: outcome.rejected });
    },
    onReread: (execution, _window, counted, seen) => emit({ ...toSubject(execution), kind: 'reread', counted, seen }),
    onRetry(execution, error, delayMs) {
      const reason = 'reason' in error ? String(error.reason) : error.name;
      emit({ ...toSubject(execution), kind: 'retry', reason, delayMs });
    },
    onWaiting: (execution, isWaiting) => emit({ ...toSubject(execution), kind: 'waiting', isWaiting }),
  };
}

import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import type { RetryItem, RetryRequest } from '../../adapters/postgres/retry-request.ts';
import { isComplete } from '../../domain/execution.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { FailureReason } from '../../domain/failure.ts';
import { FAILURES, isFailureReason } from '../../domain/failure.ts';

type RerunOutcome = 'waiting' | 'started' | 'already running' | 'already complete' | 'completed' | 'failed' | 'refused';

/** What came of one mall of a request. */
export interface RerunItem {
  readonly request: RetryRequest;
  readonly mallId: number;
  readonly outcome: RerunOutcome;
  readonly executionId: number | null;
  /** What came of it, for a person. */
  readonly result: string | null;
  readonly reason: FailureReason | null;
}

export function toRerunItems(
  requests: readonly RetryRequest[],
  executions: ReadonlyMap<number, ExecutionRecord>,
): readonly RerunItem[] {
  return requests.flatMap((request) =>
    request.items.map((item) => {
      const record = item.executionId === null ? undefined : executions.get(item.executionId);
      const reason = findReason(item);
      const { mallId, executionId, result } = item;
      return { request, mallId, executionId, result, reason, outcome: toOutcome(item, record, reason) };
    }),
  );
}

function toOutcome(item: RetryItem, record: ExecutionRecord | undefined, reason: FailureReason | null): RerunOutcome {
  switch (item.state) {
    case 'PENDING':
    case 'ACCEPTED':
      return 'waiting';
    case 'RUNNING':
      return 'started';
    case 'REFUSED':
      return reason === 'LeaseLost' ? 'already running' : 'refused';
    case 'DONE':
      return toDoneOutcome(item, record, reason);
    default:
      return item.state satisfies never;
  }
}

function toDoneOutcome(
  { result }: RetryItem,
  record: ExecutionRecord | undefined,
  reason: FailureReason | null,
): RerunOutcome {
  if (result === 'already complete') return 'already complete';
  if (record !== undefined && isComplete(record.status)) return 'completed';
  return reason === null ? 'started' : 'failed';
}

/** A failed item's result begins with its word. */
function findReason({ result }: RetryItem): FailureReason | null {
  const word = result?.split(':', 1)[0] ?? '';
  return isFailureReason(word) ? word : null;
}

/** 0 unless something failed; the failures' own code when all failed for one, else 1. */
export function toRerunExitCode(items: readonly RerunItem[]): ExitCode {
  const failures = items.filter(({ outcome }) => BAD_OUTCOMES.has(outcome));
  if (failures.length === 0) return EXIT.ok;
  const codes = new Set(failures.map(({ reason }) => (reason === null ? EXIT.someFailed : FAILURES[reason].exitCode)));
  const [only] = codes;
  return failures.length === items.length && codes.size === 1 && only !== undefined ? only : EXIT.someFailed;
}

const BAD_OUTCOMES: ReadonlySet<RerunOutcome> = new Set(['failed', 'refused', 'already running']);

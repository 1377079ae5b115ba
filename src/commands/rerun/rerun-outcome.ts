import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import type { RetryRequest } from '../../adapters/postgres/retry-request.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { FailureReason } from '../../domain/failure.ts';
import { FAILURES } from '../../domain/failure.ts';
import type { RerunOutcome } from '../../domain/rerun-outcome.ts';
import { toRerunVerdict } from '../../domain/rerun-outcome.ts';

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
      const { mallId, executionId, result } = item;
      return { request, mallId, executionId, result, ...toRerunVerdict(item, record?.status ?? null) };
    }),
  );
}

/** 0 unless something failed; the failures' own code when all failed for one, else 1. */
export function toRerunExitCode(items: readonly RerunItem[]): ExitCode {
  const failures = items.filter(({ outcome }) => BAD_OUTCOMES.has(outcome));
  if (failures.length === 0) return EXIT.ok;
  const codes = new Set(failures.map(({ reason }) => (reason === null ? EXIT.someFailed : FAILURES[reason].exitCode)));
  const [only] = codes;
  return failures.length === items.length && codes.size === 1 && only !== undefined ? only : EXIT.someFailed;
}

const BAD_OUTCOMES: ReadonlySet<RerunOutcome> = new Set(['failed', 'stopped', 'refused', 'already running']);

import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import type { WindowRecord } from '../../adapters/postgres/status-reader.ts';
import { isLive } from '../../domain/execution.ts';
import type { FailureReason } from '../../domain/failure.ts';
import { FAILURES } from '../../domain/failure.ts';
import { toInstantText } from '../time-text.ts';

/** What stands against an execution: why it failed, or why its last process let it go. */
export interface Trouble {
  readonly reason: FailureReason;
  readonly message: string;
}

export function findTrouble(record: ExecutionRecord): Trouble | null {
  if (record.failureReason !== null) return { reason: record.failureReason, message: record.failureMessage ?? '' };
  if (!isLive(record.status)) return null;
  if (record.lastReason !== null) return { reason: record.lastReason, message: record.lastMessage ?? '' };
  // claimed once, and since then its lease ran out: the process is gone without a word
  return record.leaseEndsInMs === 0 && record.holder !== null
    ? { reason: 'Lost', message: `${record.holder} lost its lease` }
    : null;
}

/** An execution as `--json` shows it: the keys of `run --json`, and what the ledger knows beside. */
export function toExecutionDocument({ counters, ...record }: ExecutionRecord): object {
  const { requestedAtMs, startedAtMs, endedAtMs, ...rest } = record;
  const trouble = findTrouble({ ...record, counters });
  return {
    ...rest,
    requestedAt: toInstantText(requestedAtMs),
    startedAt: toInstantText(startedAtMs),
    endedAt: toInstantText(endedAtMs),
    advice: trouble === null ? null : FAILURES[trouble.reason].advice,
    ...counters,
  };
}

export function toWindowDocument({ fromMs, untilMs, ...window }: WindowRecord): object {
  return { ...window, from: toInstantText(fromMs), until: toInstantText(untilMs) };
}

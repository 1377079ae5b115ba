import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import type { WindowRecord } from '../../adapters/postgres/status-reader.ts';
import { FAILURES } from '../../domain/failure.ts';
import { findTrouble } from '../../domain/trouble.ts';
import { toInstantText } from '../time-text.ts';

/** An execution as `--json` shows it: the keys of `run --json`, and what the ledger knows beside. */
export function toExecutionDocument({ counters, ...record }: ExecutionRecord): object {
  const { requestedAtMs, startedAtMs, endedAtMs, ...rest } = record;
  const trouble = findTrouble(record);
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

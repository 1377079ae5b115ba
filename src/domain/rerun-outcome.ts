import { isAboutLive } from './admission.ts';
import type { ExecutionStatus } from './execution.ts';
import { isComplete } from './execution.ts';
import type { FailureReason } from './failure.ts';
import { isFailureReason } from './failure.ts';

export const RERUN_OUTCOMES = [
  'waiting',
  'started',
  'already running',
  'already complete',
  'completed',
  'failed',
  'stopped',
  'refused',
] as const;
export type RerunOutcome = (typeof RERUN_OUTCOMES)[number];

/** One mall of a retry request, as whoever carries it out reports on it. */
export interface RerunItemReport {
  readonly state: 'PENDING' | 'ACCEPTED' | 'RUNNING' | 'DONE' | 'REFUSED';
  /** A failure or a refusal begins with its word of the failure vocabulary and a colon. */
  readonly result: string | null;
}

export interface RerunVerdict {
  readonly outcome: RerunOutcome;
  readonly reason: FailureReason | null;
}

/** `status` is that of the execution that the item led to, null when there is none (yet). */
export function toRerunVerdict(item: RerunItemReport, status: ExecutionStatus | null): RerunVerdict {
  const reason = findReason(item);
  return { reason, outcome: toOutcome(item, status, reason) };
}

function toOutcome(
  { state, result }: RerunItemReport,
  status: ExecutionStatus | null,
  reason: FailureReason | null,
): RerunOutcome {
  switch (state) {
    case 'PENDING':
    case 'ACCEPTED':
      return 'waiting';
    case 'RUNNING':
      return 'started';
    case 'REFUSED':
      return reason === 'LeaseLost' || isAboutLive(withoutReason(result)) ? 'already running' : 'refused';
    case 'DONE':
      if (result === 'already complete') return 'already complete';
      if (status === 'STOPPED') return 'stopped';
      if (status !== null && isComplete(status)) return 'completed';
      return reason === null ? 'started' : 'failed';
    default:
      return state satisfies never;
  }
}

function findReason({ result }: RerunItemReport): FailureReason | null {
  const word = result?.split(':', 1)[0] ?? '';
  return isFailureReason(word) ? word : null;
}

function withoutReason(result: string | null): string {
  return (result ?? '').replace(/^\w+: /, '');
}

/** Rows of a run that ended well, as its item's result tells them. */
export interface ReadRows {
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly rejected: number;
}

export function describeRead(status: string, { read, inserted, updated, rejected }: ReadRows): string {
  return `${status}: ${read} read, ${inserted} inserted, ${updated} updated, ${rejected} rejected`;
}

/** The figures of `describeRead`; null for any other result. */
export function parseRead(result: string | null): ReadRows | null {
  const match = /: (\d+) read, (\d+) inserted, (\d+) updated, (\d+) rejected$/.exec(result ?? '');
  if (match === null) return null;
  const [read = 0, inserted = 0, updated = 0, rejected = 0] = match.slice(1).map(Number);
  return { read, inserted, updated, rejected };
}

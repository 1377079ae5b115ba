import type { ExecutionStatus } from '../domain/execution.ts';
import { isComplete } from '../domain/execution.ts';
import { EXIT } from '../domain/exit-code.ts';
import type { FailureReason } from '../domain/failure.ts';
import type { JobEnd, ObservedPod } from './observed-job.ts';
import type { Run } from './run.ts';

/** All values of the label `case` of outcome_disagreements_total. */
export const DISAGREEMENTS = [
  /** Failed after its process had settled the row: a success. */
  'job_failed_row_completed',
  /** Its process left with 0 and the row says FAILED. */
  'job_complete_row_failed',
  'job_complete_row_stopped',
  /** Its process left with 0 and settled nothing. */
  'job_complete_row_live',
  /** Failed, and no process left a word in the row. */
  'job_failed_row_live',
  'job_gone_row_live',
  'job_gone_row_settled',
  /** The row was settled long ago, and the Job does not end. */
  'job_running_row_settled',
] as const;
export type Disagreement = (typeof DISAGREEMENTS)[number];

export interface JobVerdict {
  readonly reason: FailureReason;
  readonly message: string;
  readonly disagreement: Disagreement | null;
}

/** Where the Job has ended and the row is settled. */
export function findDisagreement(end: JobEnd, status: ExecutionStatus): Disagreement | null {
  if (end.kind === 'failed') return isComplete(status) ? 'job_failed_row_completed' : null;
  if (isComplete(status)) return null;
  return status === 'FAILED' ? 'job_complete_row_failed' : 'job_complete_row_stopped';
}

/** Why a live run whose Job has ended has failed. `pods` are those of the Job, newest first. */
export function judgeEndedJob(end: JobEnd, run: Run, pods: readonly ObservedPod[]): JobVerdict {
  if (end.kind === 'complete') {
    const message = 'its Job is complete, but its process settled nothing';
    return { reason: 'Bug', message, disagreement: 'job_complete_row_live' };
  }
  const disagreement = run.lastReason === null ? 'job_failed_row_live' : null;
  return { ...judgeFailedJob(end, run, pods), disagreement };
}

function judgeFailedJob(end: JobEnd, run: Run, pods: readonly ObservedPod[]): Omit<JobVerdict, 'disagreement'> {
  const told = toWord(run.lastReason, run.lastMessage);
  // a process that was only told to stop does not know why
  if (told !== null && told.reason !== 'Stopped') return told;
  if (end.reason === 'DeadlineExceeded') return { reason: 'DeadlineExceeded', message: describe(end) };
  for (const pod of pods) {
    const word = judgePod(pod);
    if (word !== null && word.reason !== 'Stopped') return word;
  }
  return told ?? { reason: 'Lost', message: `its process ended without a word: ${describe(end)}` };
}

function toWord(
  reason: FailureReason | null,
  message: string | null,
): { readonly reason: FailureReason; readonly message: string } | null {
  return reason === null ? null : { reason, message: message ?? 'its process gave no further word' };
}

function judgePod({ trouble, termination }: ObservedPod): ReturnType<typeof toWord> {
  if (trouble !== null) return { reason: trouble.reason, message: trouble.message };
  if (termination === null) return null;
  const { exitCode, reason, message } = termination;
  const byCode = EXIT_REASONS[exitCode];
  return toWord(reason, message) ?? toWord(byCode ?? null, `its process ended with exit code ${exitCode}`);
}

/** For a process that could not even write its report: one without a database, most likely. */
const EXIT_REASONS: Readonly<Record<number, FailureReason>> = {
  [EXIT.ok]: 'Bug',
  [EXIT.usage]: 'ConfigInvalid',
  [EXIT.data]: 'UpstreamContract',
  [EXIT.unavailable]: 'DatabaseUnavailable',
  [EXIT.bug]: 'Bug',
  [EXIT.busy]: 'LeaseLost',
  [EXIT.permission]: 'AuthFailed',
  [EXIT.config]: 'ConfigInvalid',
  [EXIT.stopped]: 'Stopped',
};

function describe({ reason, message }: JobEnd): string {
  return message === '' ? reason : `${reason}: ${message}`;
}

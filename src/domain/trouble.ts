import { isLive, type ExecutionStatus } from './execution.ts';
import type { FailureReason } from './failure.ts';

/** What stands against an execution: why it failed, or why its last process let it go. */
export interface Trouble {
  readonly reason: FailureReason;
  readonly message: string;
}

interface Course {
  readonly status: ExecutionStatus;
  readonly failureReason: FailureReason | null;
  readonly failureMessage: string | null;
  readonly lastReason: FailureReason | null;
  readonly lastMessage: string | null;
  /** Who claimed it last. */
  readonly holder: string | null;
  /** 0 when over, null when it was never claimed or has ended. */
  readonly leaseEndsInMs: number | null;
}

export function findTrouble(course: Course): Trouble | null {
  if (course.failureReason !== null) return { reason: course.failureReason, message: course.failureMessage ?? '' };
  if (!isLive(course.status)) return null;
  if (course.lastReason !== null) return { reason: course.lastReason, message: course.lastMessage ?? '' };
  // claimed once, and since then its lease ran out: the process is gone without a word
  return course.leaseEndsInMs === 0 && course.holder !== null
    ? { reason: 'Lost', message: `${course.holder} lost its lease` }
    : null;
}

import type { ExitCode } from './exit-code.ts';
import { EXIT } from './exit-code.ts';

/** What to do about a failure: nothing a retry mends, a retry of the same execution, or a new attempt after a fix. */
export type RetryAdvice = 'never' | 'automatic' | 'after-fix';

interface FailureRule {
  readonly exitCode: ExitCode;
  readonly retry: RetryAdvice;
  /** One sentence that tells a person what to do. */
  readonly advice: string;
}

/** The one vocabulary of failures: exit code, ledger row, condition, metric label, alert and page use these words. */
export const FAILURES = {
  ConfigInvalid: {
    exitCode: EXIT.config,
    retry: 'after-fix',
    advice: 'Correct the named setting or parameter and run again.',
  },
  AuthFailed: {
    exitCode: EXIT.permission,
    retry: 'after-fix',
    advice: 'Authorize the mall again with `mallsync malls authorize`, then re-run it.',
  },
  PermissionDenied: {
    exitCode: EXIT.permission,
    retry: 'after-fix',
    advice: 'Grant the app the missing scope in the mall, authorize it again, then re-run it.',
  },
  AppUninstalled: {
    exitCode: EXIT.permission,
    retry: 'after-fix',
    advice: 'Ask the mall to install the app again and authorize it; deactivate the mall if it has left.',
  },
  RateLimited: {
    exitCode: EXIT.unavailable,
    retry: 'automatic',
    advice: 'Another client spends this mall’s calls; run it again later or with fewer runs at once.',
  },
  QuotaExceeded: {
    exitCode: EXIT.unavailable,
    retry: 'automatic',
    advice: 'The mall’s usage quota is spent; run it again after the block has ended.',
  },
  UpstreamUnavailable: {
    exitCode: EXIT.unavailable,
    retry: 'automatic',
    advice: 'Cafe24 did not answer; re-run it when the API is back, it resumes at its checkpoint.',
  },
  UpstreamContract: {
    exitCode: EXIT.data,
    retry: 'after-fix',
    advice: 'Cafe24 answered in a form this version does not know; look at the message and update the program.',
  },
  RejectBudgetExceeded: {
    exitCode: EXIT.data,
    retry: 'after-fix',
    advice: 'Too many rows were rejected; look at `mallsync errors groups`, mend the cause, then re-run.',
  },
  IncompleteRead: {
    exitCode: EXIT.data,
    retry: 'after-fix',
    advice: 'The API’s count and its pages disagree; re-run it, only the incomplete windows are read again.',
  },
  DatabaseUnavailable: {
    exitCode: EXIT.unavailable,
    retry: 'automatic',
    advice: 'PostgreSQL did not answer; re-run it when the database is back, it resumes at its checkpoint.',
  },
  LeaseLost: {
    exitCode: EXIT.busy,
    retry: 'automatic',
    advice: 'Another process holds this execution; let it finish, or look for a stuck one if it does not.',
  },
  DeadlineExceeded: {
    exitCode: EXIT.unavailable,
    retry: 'after-fix',
    advice: 'The run took longer than its deadline; re-run it, it resumes at its checkpoint.',
  },
  OutOfMemory: { exitCode: EXIT.bug, retry: 'after-fix', advice: 'Give the Job more memory or a smaller page size.' },
  Evicted: { exitCode: EXIT.bug, retry: 'automatic', advice: 'The node was short of resources; re-run it.' },
  ImagePull: { exitCode: EXIT.config, retry: 'after-fix', advice: 'Check the image name and the pull secret.' },
  Unschedulable: {
    exitCode: EXIT.config,
    retry: 'after-fix',
    advice: 'Make room in the cluster or lower the requests.',
  },
  Stopped: {
    exitCode: EXIT.stopped,
    retry: 'automatic',
    advice: 'It was stopped; re-run it to go on at its checkpoint.',
  },
  Lost: {
    exitCode: EXIT.bug,
    retry: 'automatic',
    advice: 'Its process is gone; re-run it to go on at its checkpoint.',
  },
  DuplicateRefused: {
    exitCode: EXIT.usage,
    retry: 'never',
    advice: 'The same mall, domain type and period is running or done; use a reprocess to read it again.',
  },
  PeriodOpen: { exitCode: EXIT.usage, retry: 'after-fix', advice: 'Wait until the period is over, or end it earlier.' },
  Bug: { exitCode: EXIT.bug, retry: 'automatic', advice: 'This is a defect of the program; report it with the log.' },
} as const satisfies Record<string, FailureRule>;

export type FailureReason = keyof typeof FAILURES;

export function isFailureReason(value: string): value is FailureReason {
  return Object.hasOwn(FAILURES, value);
}

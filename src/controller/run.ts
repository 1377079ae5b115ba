import type { Counters } from '../domain/counters.ts';
import type { ExecutionStatus } from '../domain/execution.ts';
import type { FailureReason } from '../domain/failure.ts';

/** The controller's view of one execution of its own. */
export interface Run {
  readonly executionId: number;
  readonly instanceId: number;
  readonly mallId: number;
  readonly attemptCount: number;
  readonly pageSize: number;
  readonly status: ExecutionStatus;
  readonly jobName: string | null;
  /** Since its Job was noted as created, by the database's clock; null: no Job was ever noted. */
  readonly launchedAgoMs: number | null;
  /** Since it ended, by the database's clock; null while it is live. */
  readonly endedAgoMs: number | null;
  /** Its outcome has been counted, so that its Job's finalizer may go. */
  readonly isRecorded: boolean;
  /** Why its last holder let it go while it stayed live. */
  readonly lastReason: FailureReason | null;
  readonly lastMessage: string | null;
  readonly failureReason: FailureReason | null;
  readonly failureMessage: string | null;
  readonly counters: Pick<Counters, 'read' | 'inserted' | 'updated' | 'unchanged' | 'rejected'>;
}

/** What admission said of one mall. */
export interface MallRecord {
  readonly mallId: number;
  /** PENDING: named when the MallSync was expanded, not admitted yet. */
  readonly result: 'PENDING' | 'ADMITTED' | 'ALREADY_COMPLETE' | 'REFUSED';
  /** The `attemptCount` it was last admitted or refused for; 0 for none given. */
  readonly attemptWish: number;
  /** Its newest own execution; where ALREADY_COMPLETE, whoever's made it so. Null where there is none. */
  readonly executionId: number | null;
  /** REFUSED only. */
  readonly reason: FailureReason | null;
  /** Why it was refused or is complete already; ADMITTED: which attempt it became, where that is not the wished one. */
  readonly message: string | null;
}

/** What the ledger holds of one MallSync. */
export interface LedgerState {
  /** Null: not expanded yet. In order of mallId; fixed by the expansion. */
  readonly malls: readonly MallRecord[] | null;
  /** Every execution ever made for it, in order of executionId. */
  readonly runs: readonly Run[];
}

import type { FailureReason } from '../domain/failure.ts';
import type { MallSync, MallSyncSpec } from './mall-sync.ts';
import type { LedgerState, Run } from './run.ts';

/** The end of a run, to be noted once. */
export interface Outcome {
  readonly executionId: number;
  /** Null: the run has been settled already, it only has to be counted as seen. */
  readonly end: {
    readonly status: 'FAILED' | 'STOPPED';
    readonly reason: FailureReason;
    readonly message: string;
  } | null;
  /** Where Job and ledger did not agree: a label of outcome_disagreements_total. */
  readonly disagreement: string | null;
  /** From the Job's creation to its start; null where it never started. */
  readonly createToStartSeconds: number | null;
  /** From the Job's end to now; null where it did not end by itself. */
  readonly lagSeconds: number | null;
}

/** What one MallSync may still launch. */
export interface WaitingRuns {
  readonly mallSyncUid: string;
  /** All that are live and not launched. */
  readonly waiting: number;
  /** The first of these, in order of executionId. */
  readonly next: readonly Pick<Run, 'executionId' | 'instanceId' | 'mallId' | 'attemptCount' | 'pageSize'>[];
}

export interface LedgerOwner {
  readonly uid: string;
  readonly name: string;
}

/**
 * The controller's door to PostgreSQL, for one installation and one term of leadership. Every write is refused once a
 * later term has begun: it rejects with LeaseLostError, and the process has to end.
 */
export interface ControllerLedger {
  load(mallSyncUid: string): Promise<LedgerState>;
  /**
   * Expands the malls once, then admits each that has no live execution of its own, is not complete and was not admitted
   * for this `attemptCount` yet. One transaction; run twice it changes nothing more.
   */
  admit(mallSync: Pick<MallSync, 'name' | 'uid' | 'retryRequestId'>, spec: MallSyncSpec): Promise<LedgerState>;
  /** Notes that the Jobs exist. Those that are settled or launched already stay as they are. */
  markLaunched(launches: readonly { readonly executionId: number; readonly jobName: string }[]): Promise<void>;
  /**
   * Settles and counts, in one transaction, each at most once; the fence of what is settled here rises. An end for a run
   * that has been settled meanwhile, and none for one that is live, change nothing: decide again by what is returned.
   */
  recordOutcomes(mallSyncUid: string, outcomes: readonly Outcome[]): Promise<LedgerState>;
  /** The live runs of the installation, at most `limit` next ones of each MallSync. */
  loadWaiting(limit: number): Promise<readonly WaitingRuns[]>;
  /** The MallSyncs that live executions of the installation belong to. */
  listOwners(): Promise<readonly LedgerOwner[]>;
  /** Settles all live executions of a MallSync as STOPPED, launched or not. @returns how many */
  stopAll(mallSyncUid: string, message: string): Promise<number>;
  /**
   * Says that the installation is alive, and gives up live executions that nobody has held for a day: those of no
   * MallSync, and those of installations that have been silent for as long. @returns them
   */
  abandonLost(): Promise<readonly number[]>;
  /** Brings the items of a retry request up to what became of its MallSync, and ends the request with the last of them. */
  reportRequest(requestId: number): Promise<void>;
}

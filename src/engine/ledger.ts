import type { Counters } from '../domain/counters.ts';
import type { ClaimedExecution } from '../domain/execution.ts';
import type { FailureReason } from '../domain/failure.ts';
import type { RejectedRow } from '../domain/row-error.ts';
import type { SyncWindow, WindowBounds, WindowState } from '../domain/window.ts';
import type { CallCosts } from './page-source.ts';
import type { MappedRow } from './row-mapper.ts';

/** Everything that one page commits, in one transaction. */
export interface PageCommit<Payload> {
  readonly windowN: number;
  /** Must equal the window's stored next offset, else the page was committed before or the window begun anew. */
  readonly offset: number;
  readonly nextOffset: number;
  readonly rereads: number;
  /** At most one row a key. */
  readonly rows: readonly MappedRow<Payload>[];
  readonly rejected: readonly RejectedRow[];
  /** Hashes of all keys on the page, repeated ones and rejected rows included. */
  readonly keyHashes: BigUint64Array;
  readonly observedAtMs: number;
  /** The part of the counters known before the write; calls and waits are in `costs`. */
  readonly counters: Pick<Counters, 'read' | 'duplicate' | 'bytes'>;
  readonly costs: CallCosts;
  /** Distinct keys of this pass with this page. */
  readonly distinctSeen: number;
  readonly checksum: bigint;
}

/** A row that a REPLAY has to read again, with the window it was found in. */
export interface RejectedEntry {
  readonly key: string | null;
  readonly window: WindowBounds;
}

export interface ReplayCommit<Payload> extends Pick<
  PageCommit<Payload>,
  'rows' | 'rejected' | 'observedAtMs' | 'counters' | 'costs'
> {
  /** Log entries settled by this batch even where the API no longer has the row. */
  readonly settledKeys: readonly string[];
  /** The window that the rows were listed from; null for rows asked for by key. */
  readonly window: WindowBounds | null;
  /** The window was read to an end that agrees with its count: all its entries are settled with this batch. */
  readonly isWindowEnd: boolean;
}

/**
 * What the write came to; `rejected` counts only rows that the database refused. `wasApplied` false: an earlier try of the same commit had succeeded and nothing was written now. */
export interface PageOutcome extends Pick<Counters, 'inserted' | 'updated' | 'unchanged' | 'stale' | 'rejected'> {
  readonly wasApplied: boolean;
}

export interface WindowSettlement {
  readonly state: Extract<WindowState, 'COMPLETE' | 'COMPLETE_WITH_REJECTS' | 'INCOMPLETE'>;
  readonly countAfter: number | null;
  /** Why it is INCOMPLETE, for a person. */
  readonly message: string | null;
}

/**
 * The stored state of one execution. Every method is one transaction that first locks the execution
 * `where fence_token = mine and status is live`; it rejects with LeaseLostError and writes nothing when there is no such
 * row, with TransientError DatabaseUnavailable when the database does not answer.
 */
export interface Ledger<Payload> {
  /** The reading's windows that are not settled; empty with `isPlanned` false when the reading has none at all yet. */
  loadWindows(
    execution: ClaimedExecution,
  ): Promise<{ readonly isPlanned: boolean; readonly windows: readonly SyncWindow[] }>;
  /** Stores the first windows of a reading, as UNSPLIT. */
  saveWindows(execution: ClaimedExecution, bounds: readonly WindowBounds[]): Promise<readonly SyncWindow[]>;
  /** Replaces an UNSPLIT window by smaller ones. */
  splitWindow(execution: ClaimedExecution, n: number, parts: readonly WindowBounds[]): Promise<readonly SyncWindow[]>;
  /** UNSPLIT → OPEN with the count just taken. */
  openWindow(execution: ClaimedExecution, n: number, countBefore: number | null): Promise<void>;
  /** The key hashes of the pages committed in this pass. */
  loadKeyHashes(execution: ClaimedExecution, n: number): Promise<BigUint64Array>;
  commitPage(execution: ClaimedExecution, page: PageCommit<Payload>): Promise<PageOutcome>;
  /** Begins another pass over an OPEN window: offset, rows seen, rejects and checksum 0, hashes dropped, rereads + 1. */
  rereadWindow(execution: ClaimedExecution, n: number, countBefore: number | null): Promise<void>;
  settleWindow(execution: ClaimedExecution, n: number, settlement: WindowSettlement): Promise<void>;
  /** Adds calls and waits that belong to no page (counts, failed tries). */
  addCosts(execution: ClaimedExecution, costs: CallCosts): Promise<void>;
  /** A REPLAY's work list: the OPEN rejected rows of its instance's period and fingerprints. */
  loadRejected(execution: ClaimedExecution): Promise<readonly RejectedEntry[]>;
  /** One batch of a REPLAY: writes the rows, settles their log entries, keeps what is rejected again. No checkpoint:
   * an entry that is no longer OPEN is done. */
  commitReplay(execution: ClaimedExecution, batch: ReplayCommit<Payload>): Promise<PageOutcome>;
  /** All windows settled: ends the execution by what its windows became, grows coverage, drops the lease. */
  settleExecution(execution: ClaimedExecution): Promise<ExecutionEnd>;
  /** Ends the execution as FAILED for what no retry mends. */
  failExecution(
    execution: ClaimedExecution,
    reason: FailureReason,
    message: string,
    exitCode: number,
  ): Promise<ExecutionEnd>;
  /** Leaves the execution live for the next claimer: ends the lease, records why. */
  releaseExecution(execution: ClaimedExecution, reason: FailureReason, message: string): Promise<void>;
}

export interface ExecutionEnd {
  readonly status: 'COMPLETED' | 'COMPLETED_WITH_REJECTS' | 'FAILED';
  readonly failureReason: FailureReason | null;
  readonly failureMessage: string | null;
  readonly counters: Counters;
}

/** Keeps the lease of an execution alive on its own connection, whatever the run is doing. */
export interface LeaseKeeper {
  /** Extends the lease and stores whether the run is waiting; rejects with LeaseLostError when it is no longer ours. */
  renew(execution: ClaimedExecution, state: 'RUNNING' | 'WAITING'): Promise<void>;
}

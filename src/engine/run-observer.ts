import type { ClaimedExecution } from '../domain/execution.ts';
import type { SyncWindow } from '../domain/window.ts';
import type { PageCommit, PageOutcome, WindowSettlement } from './ledger.ts';

/** What telemetry may see of a run. Observers must not throw. */
export interface RunObserver {
  onWindowsKnown?(execution: ClaimedExecution, windows: readonly SyncWindow[]): void;
  onPage?(execution: ClaimedExecution, page: PageCommit<unknown>, outcome: PageOutcome): void;
  onWindowSettled?(execution: ClaimedExecution, window: SyncWindow, settlement: WindowSettlement): void;
  onReread?(execution: ClaimedExecution, window: SyncWindow, countAfter: number | null, distinctSeen: number): void;
  onRetry?(execution: ClaimedExecution, error: Error, delayMs: number): void;
  onWaiting?(execution: ClaimedExecution, isWaiting: boolean): void;
}

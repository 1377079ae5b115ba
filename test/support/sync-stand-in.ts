import { claimExecution } from '../../src/adapters/postgres/claim.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import type { DatasetStore } from '../../src/adapters/postgres/dataset-store.ts';
import { createLedger } from '../../src/adapters/postgres/ledger.ts';
import type { ClaimedExecution } from '../../src/domain/execution.ts';
import { FAILURES, type FailureReason } from '../../src/domain/failure.ts';
import { aPage, aRejectedRow, aRow } from './database-probe.ts';

/** What a pod leaves in the ledger. */
export type SyncEnd =
  | { readonly kind: 'completed'; readonly rows?: number }
  | { readonly kind: 'rejects'; readonly rows?: number; readonly rejected?: number }
  /** Settled by the process: for reasons that no retry mends. */
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message?: string }
  /** Left live for the next claimer. */
  | { readonly kind: 'released'; readonly reason: FailureReason; readonly message?: string }
  /** Claimed and never let go, as by a killed process. */
  | { readonly kind: 'held' }
  /** Never claimed. */
  | { readonly kind: 'untouched' };

/** The rows themselves go nowhere: what a run writes to the data tables is no business of the controller. */
const NO_TABLE: DatasetStore<{ readonly value: string }> = {
  write: async (_client, _context, rows) => ({
    inserted: rows.length,
    updated: 0,
    unchanged: 0,
    stale: 0,
    refused: [],
  }),
  markMissing: async () => 0,
};

/** Takes the place of `sync` in a Job's pod: claims the execution and ends it, through the program's own ledger. */
export async function playSync(database: Database, executionId: number, end: SyncEnd): Promise<void> {
  if (end.kind === 'untouched') return;
  const claimed = await claimExecution(database, executionId, `pod of ${executionId}`);
  // as `sync` does: one that has been settled meanwhile is left as it is
  if (claimed.kind !== 'claimed' || end.kind === 'held') return;
  const { execution } = claimed;
  const ledger = createLedger({ database, store: NO_TABLE });
  if (end.kind === 'failed') {
    const { exitCode } = FAILURES[end.reason];
    await ledger.failExecution(execution, end.reason, end.message ?? 'as the test has it', exitCode);
  } else if (end.kind === 'released') {
    await ledger.releaseExecution(execution, end.reason, end.message ?? 'as the test has it');
  } else await readPeriod(ledger, execution, end);
}

async function readPeriod(
  ledger: ReturnType<typeof createLedger<{ readonly value: string }>>,
  execution: ClaimedExecution,
  end: Extract<SyncEnd, { readonly kind: 'completed' | 'rejects' }>,
): Promise<void> {
  const { fromMs, untilMs } = execution.period;
  const [rows, rejects] = [end.rows ?? 1, end.kind === 'rejects' ? (end.rejected ?? 1) : 0];
  const saved = await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
  for (const { n, state } of saved) {
    if (state !== 'UNSPLIT') continue;
    await ledger.openWindow(execution, n, rows + rejects);
    const rejected = Array.from({ length: rejects }, (_, index) => aRejectedRow({ key: `1|bad ${index}` }));
    const page = aPage(
      Array.from({ length: rows }, (_, index) => aRow(`1|${index}`)),
      { windowN: n, rejected },
    );
    await ledger.commitPage(execution, page);
    await ledger.settleWindow(execution, n, {
      state: rejects > 0 ? 'COMPLETE_WITH_REJECTS' : 'COMPLETE',
      countAfter: rows + rejects,
      message: null,
    });
  }
  await ledger.settleExecution(execution);
}

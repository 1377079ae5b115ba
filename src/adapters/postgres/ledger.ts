import type { ClaimedExecution } from '../../domain/execution.ts';
import type { Ledger } from '../../engine/ledger.ts';
import type { CallCosts } from '../../engine/page-source.ts';
import type { MappedRow } from '../../engine/row-mapper.ts';
import type { Database } from './database.ts';
import type { DatasetStore } from './dataset-store.ts';
import { inFence } from './execution-fence.ts';
import { failExecution, releaseExecution, settleExecution } from './execution-settle.ts';
import type { LedgerContext } from './ledger-context.ts';
import { addTotals, buildCostTotals } from './ledger-metric.ts';
import { commitPage, sumCalls, sumWaits } from './ledger-page.ts';
import { commitReplay, loadRejected } from './ledger-replay.ts';
import { runStatement, type Statement } from './page-session.ts';
import { settleWindow } from './window-settle.ts';
import { insertWindows, loadKeyHashes, loadWindows, openWindow, replaceWindow, rereadWindow } from './window-store.ts';

export interface LedgerOptions<Payload> {
  readonly database: Database;
  readonly store: DatasetStore<Payload>;
  /** The masked form of a row that PostgreSQL refused, for the error log; without it only the key is kept. */
  readonly maskRow?: (row: MappedRow<Payload>) => unknown;
}

const ADD_COSTS: Statement = {
  name: 'add-costs',
  sql: `update mallsync.tb_batch_execution_summary set api_calls = api_calls + $2, wait_ms = wait_ms + $3
    where execution_id = $1`,
};

const SETTLED = new Set(['COMPLETE', 'COMPLETE_WITH_REJECTS', 'INCOMPLETE']);

/** The ledger in PostgreSQL; rows of the domain type go through `store` in the page's own transaction. */
export function createLedger<Payload>(options: LedgerOptions<Payload>): Ledger<Payload> {
  const { database, store } = options;
  const context: LedgerContext<Payload> = { database, store, maskRow: options.maskRow ?? (() => null) };
  return {
    loadWindows: (execution) =>
      inFence(database, execution, async (client) => {
        const windows = await loadWindows(database, client, execution);
        return { isPlanned: windows.length > 0, windows: windows.filter((window) => !SETTLED.has(window.state)) };
      }),
    saveWindows: (execution, bounds) =>
      inFence(database, execution, async (client) => {
        const stored = await loadWindows(database, client, execution);
        return stored.length > 0 ? stored : insertWindows(database, client, execution, bounds);
      }),
    splitWindow: (execution, n, parts) =>
      inFence(database, execution, (client) => replaceWindow(database, client, execution, n, parts)),
    openWindow: (execution, n, countBefore) =>
      inFence(database, execution, (client) => openWindow(database, client, execution, n, countBefore)),
    loadKeyHashes: (execution, n) =>
      inFence(database, execution, (client) => loadKeyHashes(database, client, execution, n)),
    commitPage: (execution, page) => commitPage(context, execution, page),
    rereadWindow: (execution, n, countBefore) =>
      inFence(database, execution, (client) => rereadWindow(database, client, execution, n, countBefore)),
    settleWindow: (execution, n, settlement) =>
      inFence(database, execution, (client) => settleWindow(context, client, execution, n, settlement)),
    addCosts: (execution, costs) => addCosts(database, execution, costs),
    loadRejected: (execution) => inFence(database, execution, (client) => loadRejected(database, client, execution)),
    commitReplay: (execution, batch) => commitReplay(context, execution, batch),
    settleExecution: (execution) => settleExecution(database, execution),
    failExecution: (execution, reason, message, exitCode) =>
      failExecution(database, execution, { reason, message, exitCode }),
    releaseExecution: (execution, reason, message) => releaseExecution(database, execution, reason, message),
  };
}

async function addCosts(database: Database, execution: ClaimedExecution, costs: CallCosts): Promise<void> {
  if (costs.calls.length === 0 && costs.waits.length === 0) return;
  await inFence(database, execution, async (client) => {
    const { executionId } = execution;
    await runStatement(database, client, ADD_COSTS, [executionId, sumCalls(costs), sumWaits(costs)]);
    await addTotals(database, client, executionId, buildCostTotals(costs));
  });
}

import type { PoolClient } from 'pg';
import type { ClaimedExecution } from '../../domain/execution.ts';
import type { WindowSettlement } from '../../engine/ledger.ts';
import { toLeaseLost } from './execution-fence.ts';
import type { LedgerContext } from './ledger-context.ts';
import { lockEntries } from './ledger-reject.ts';
import { runStatement, type Statement } from './page-session.ts';
import { dropKeyHashes, findWindow, loadKeyHashes, type StoredWindow } from './window-store.ts';

const SETTLE: Statement = {
  name: 'settle-window',
  sql: `update mallsync.tb_batch_window set state = $4, count_after = $5, message = $6, execution_id = $7,
      settled_at = now()
    where instance_id = $1 and reading = $2 and n = $3 and state in ('UNSPLIT', 'OPEN')`,
};

/** Entries of a window read whole that this pass did not meet: mended at the API, or gone from it. */
const SETTLE_ENTRIES: Statement = {
  name: 'settle-window-entries',
  sql: `update mallsync.tb_batch_error_log set status = 'REPLAYED', status_by = $7, status_at = now()
    where mall_id = $1 and domain_type = $2 and status = 'OPEN' and shop_no = $3 and date_type = $4
      and window_bounds <@ (select bounds from mallsync.tb_batch_window
        where instance_id = $5 and reading = $8 and n = $6)
      and last_seen_at < to_timestamp($9::float8 / 1000)`,
};

/** A window that stands so already was settled by an earlier try. */
export async function settleWindow<Payload>(
  context: LedgerContext<Payload>,
  client: PoolClient,
  execution: ClaimedExecution,
  n: number,
  settlement: WindowSettlement,
): Promise<void> {
  const { database } = context;
  const { instanceId, reading, executionId } = execution;
  const window = await findWindow(database, client, execution, n);
  const { state, countAfter, message } = settlement;
  const values = [instanceId, reading, n, state, countAfter, message, executionId];
  const settled = await runStatement(database, client, SETTLE, values);
  if (settled.rowCount !== 1) {
    if (window.state !== state) throw toLeaseLost(execution);
    return;
  }
  if (state !== 'INCOMPLETE') await settleContent(context, client, execution, window);
  await dropKeyHashes(database, client, execution, n);
}

async function settleContent<Payload>(
  { database, store }: LedgerContext<Payload>,
  client: PoolClient,
  execution: ClaimedExecution,
  window: StoredWindow,
): Promise<void> {
  const { instanceId, reading, executionId, mallId, domainType } = execution;
  const { n, shopNo, dateType, passBeganAtMs } = window;
  if (passBeganAtMs === null) return;
  const hashes = await loadKeyHashes(database, client, execution, n);
  await store.markMissing(client, { mallId, executionId, observedAtMs: passBeganAtMs }, window, hashes);
  await lockEntries(database, client, execution);
  const by = `execution ${executionId}`;
  const values = [mallId, domainType, shopNo, dateType, instanceId, n, by, reading, passBeganAtMs];
  await runStatement(database, client, SETTLE_ENTRIES, values);
}

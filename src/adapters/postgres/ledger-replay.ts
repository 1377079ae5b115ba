import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { ClaimedExecution } from '../../domain/execution.ts';
import { isDuplicate } from '../../domain/row-error.ts';
import type { WindowBounds } from '../../domain/window.ts';
import type { PageOutcome, RejectedEntry, ReplayCommit } from '../../engine/ledger.ts';
import type { Database } from './database.ts';
import { inFence } from './execution-fence.ts';
import { addTotals, buildCostTotals, buildRowTotals } from './ledger-metric.ts';
import { listJudgedKeys, sumCalls, sumWaits, toOutcome } from './ledger-page.ts';
import type { LedgerContext } from './ledger-context.ts';
import { lockEntries, saveEntries, toRejected } from './ledger-reject.ts';
import { runStatement, type Statement } from './page-session.ts';

const LOAD_REJECTED: Statement = {
  name: 'load-rejected',
  sql: `select entry.row_key, lower(entry.window_bounds) as from_at, upper(entry.window_bounds) as until_at,
      entry.shop_no, entry.date_type
    from mallsync.tb_batch_execution_summary as execution
    join mallsync.tb_batch_job_instance as instance on instance.instance_id = execution.instance_id
    join mallsync.tb_batch_error_log as entry
      on entry.mall_id = $2 and entry.domain_type = $3 and entry.status = 'OPEN'
    where execution.execution_id = $1 and entry.window_bounds && instance.period and entry.shop_no is not null
      and (execution.replay_fingerprints is null or entry.fingerprint = any(execution.replay_fingerprints))
    order by entry.error_id`,
};

/** Entries that this replay has not met again while it read the window to its end. */
const SETTLE_WINDOW: Statement = {
  name: 'settle-replayed-window',
  sql: `update mallsync.tb_batch_error_log set status = 'REPLAYED', status_by = $7, status_at = now()
    where mall_id = $1 and domain_type = $2 and status = 'OPEN' and shop_no = $3 and date_type = $4
      and window_bounds = tstzrange(to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000))
      and execution_id <> $8`,
};

const COUNT_BATCH: Statement = {
  name: 'count-batch',
  sql: `update mallsync.tb_batch_execution_summary set read = read + $2, inserted = inserted + $3,
      updated = updated + $4, unchanged = unchanged + $5, stale = stale + $6, rejected = rejected + $7,
      duplicate = duplicate + $8, pages = pages + 1, bytes = bytes + $9, api_calls = api_calls + $10,
      wait_ms = wait_ms + $11
    where execution_id = $1`,
};

const rejectedRow = z.object({
  row_key: z.string().nullable(),
  from_at: z.number(),
  until_at: z.number(),
  shop_no: z.int(),
  date_type: z.string(),
});

export async function loadRejected(
  database: Database,
  client: PoolClient,
  { executionId, mallId, domainType }: ClaimedExecution,
): Promise<readonly RejectedEntry[]> {
  const { rows } = await runStatement(database, client, LOAD_REJECTED, [executionId, mallId, domainType]);
  return z
    .array(rejectedRow)
    .parse(rows)
    .map((row) => ({
      key: row.row_key,
      window: { fromMs: row.from_at, untilMs: row.until_at, shopNo: row.shop_no, dateType: row.date_type },
    }));
}

export function commitReplay<Payload>(
  { database, store, maskRow }: LedgerContext<Payload>,
  execution: ClaimedExecution,
  batch: ReplayCommit<Payload>,
): Promise<PageOutcome> {
  return inFence(database, execution, async (client) => {
    const { executionId, mallId, domainType } = execution;
    const { counters, costs, observedAtMs } = batch;
    const written = await store.write(client, { mallId, executionId, observedAtMs }, batch.rows);
    const rejected = [...batch.rejected, ...written.refused.map((row) => toRejected(row, maskRow(row.row)))];
    await saveEntries(database, client, execution, {
      rejected,
      settledKeys: [...listJudgedKeys(batch), ...batch.settledKeys],
      window: batch.window,
    });
    if (batch.window !== null && batch.isWindowEnd) await settleReplayed(database, client, execution, batch.window);
    const { inserted, updated, unchanged, stale } = written;
    const rejectedCount = rejected.filter((row) => !isDuplicate(row)).length;
    const counts = { inserted, updated, unchanged, stale, rejected: rejectedCount, duplicate: counters.duplicate };
    await runStatement(database, client, COUNT_BATCH, [
      executionId,
      counters.read,
      inserted,
      updated,
      unchanged,
      stale,
      rejectedCount,
      counters.duplicate,
      counters.bytes,
      sumCalls(costs),
      sumWaits(costs),
    ]);
    await addTotals(database, client, executionId, [...buildRowTotals(domainType, counts), ...buildCostTotals(costs)]);
    return toOutcome(written);
  });
}

async function settleReplayed(
  database: Database,
  client: PoolClient,
  execution: ClaimedExecution,
  { shopNo, dateType, fromMs, untilMs }: WindowBounds,
): Promise<void> {
  const { mallId, domainType, executionId } = execution;
  await lockEntries(database, client, execution);
  const values = [mallId, domainType, shopNo, dateType, fromMs, untilMs, `execution ${executionId}`, executionId];
  await runStatement(database, client, SETTLE_WINDOW, values);
}

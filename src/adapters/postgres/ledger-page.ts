import type { PoolClient } from 'pg';
import { z } from 'zod';
import { TransientError } from '../../domain/errors.ts';
import type { ClaimedExecution } from '../../domain/execution.ts';
import { isDuplicate } from '../../domain/row-error.ts';
import type { WindowBounds } from '../../domain/window.ts';
import type { PageCommit, PageOutcome } from '../../engine/ledger.ts';
import type { WriteResult } from './dataset-store.ts';
import { toLeaseLost } from './execution-fence.ts';
import { buildCostTotals, buildRowTotals, buildTotalsSql, toArrays, toShard } from './ledger-metric.ts';
import type { LedgerContext } from './ledger-context.ts';
import { saveEntries, toRejected } from './ledger-reject.ts';
import { inTransaction, runStatement, type Statement } from './page-session.ts';

const OPEN_PAGE: Statement = {
  name: 'open-page',
  sql: `with mine as materialized (
      select instance_id, reading from mallsync.tb_batch_execution_summary
      where execution_id = $1 and fence_token = $2 and status in ('REQUESTED', 'RUNNING', 'WAITING')
      for no key update
    )
    select w.state, w.next_offset, w.rereads, lower(w.bounds) as from_at, upper(w.bounds) as until_at, w.shop_no,
      w.date_type, exists (
        select 1 from mallsync.tb_batch_error_log as entry
        where entry.mall_id = $4 and entry.domain_type = $5 and entry.status = 'OPEN'
      ) as has_open_entries
    from mine left join mallsync.tb_batch_window as w
      on w.instance_id = mine.instance_id and w.reading = mine.reading and w.n = $3`,
};

/** Progress, hashes, counters, lease and totals in one statement; nothing of it happens when the window has moved. */
const CLOSE_PAGE: Statement = {
  name: 'close-page',
  sql: `with moved as (
      update mallsync.tb_batch_window set next_offset = $5, rows_seen = rows_seen + $9, distinct_seen = $7,
        rejected = rejected + $14, checksum = $8::numeric, execution_id = $4,
        pass_began_at = least(pass_began_at, to_timestamp($17::float8 / 1000))
      where instance_id = $1 and reading = $2 and n = $3 and state = 'OPEN' and next_offset = $6 and rereads = $18
      returning 1
    ), hashed as (
      insert into mallsync.tb_batch_window_page (instance_id, reading, n, page_offset, key_hashes)
      select $1, $2, $3, $6, $19::bytea from moved
    ), counted as (
      ${buildTotalsSql(22)}
    )
    update mallsync.tb_batch_execution_summary set read = read + $9, inserted = inserted + $10, updated = updated + $11,
      unchanged = unchanged + $12, stale = stale + $13, rejected = rejected + $14, duplicate = duplicate + $15,
      pages = pages + 1, bytes = bytes + $16, api_calls = api_calls + $20, wait_ms = wait_ms + $21,
      lease_until = clock_timestamp() + make_interval(secs => $26)
    where execution_id = $4 and exists (select 1 from moved)`,
};

const openedPage = z.object({
  state: z.string().nullable(),
  next_offset: z.int().nullable(),
  rereads: z.int().nullable(),
  from_at: z.number().nullable(),
  until_at: z.number().nullable(),
  shop_no: z.int().nullable(),
  date_type: z.string().nullable(),
  has_open_entries: z.boolean(),
});
type OpenedPage = z.infer<typeof openedPage>;

const NOTHING_APPLIED: PageOutcome = {
  inserted: 0,
  updated: 0,
  unchanged: 0,
  stale: 0,
  rejected: 0,
  wasApplied: false,
};

/** Two statements around the write, two more only where there are rows of the error log to touch. */
export function commitPage<Payload>(
  context: LedgerContext<Payload>,
  execution: ClaimedExecution,
  page: PageCommit<Payload>,
): Promise<PageOutcome> {
  const { database, store } = context;
  return inTransaction(database, async (client) => {
    const opened = await openPage(context, client, execution, page);
    if (hasAdvancedBy(opened, page)) return NOTHING_APPLIED;
    if (opened.state !== 'OPEN' || opened.next_offset !== page.offset || opened.rereads !== page.rereads) {
      throw toLeaseLost(execution);
    }
    const { executionId, mallId } = execution;
    const written = await store.write(client, { mallId, executionId, observedAtMs: page.observedAtMs }, page.rows);
    const rejected = [...page.rejected, ...written.refused.map((row) => toRejected(row, context.maskRow(row.row)))];
    await saveEntries(database, client, execution, {
      rejected,
      settledKeys: opened.has_open_entries ? listJudgedKeys(page) : [],
      window: toBounds(opened),
    });
    await closePage(context, client, execution, page, written);
    return toOutcome(written);
  });
}

export function toOutcome<Payload>(written: WriteResult<Payload>): PageOutcome {
  const { inserted, updated, unchanged, stale, refused } = written;
  return { inserted, updated, unchanged, stale, rejected: refused.length, wasApplied: true };
}

/** Every key whose state is known anew; entries that this transaction saved are not settled by it. */
export function listJudgedKeys<Payload>(page: Pick<PageCommit<Payload>, 'rows' | 'rejected'>): readonly string[] {
  const rejectedKeys = page.rejected.map((row) => row.key).filter((key) => key !== null);
  return [...page.rows.map((row) => row.key), ...rejectedKeys];
}

async function openPage<Payload>(
  { database }: LedgerContext<Payload>,
  client: PoolClient,
  execution: ClaimedExecution,
  page: PageCommit<Payload>,
): Promise<OpenedPage> {
  const { executionId, fenceToken, mallId, domainType } = execution;
  const values = [executionId, fenceToken, page.windowN, mallId, domainType];
  const { rows } = await runStatement(database, client, OPEN_PAGE, values);
  if (rows.length === 0) throw toLeaseLost(execution);
  return openedPage.parse(rows[0]);
}

/** An earlier try of the same commit had succeeded though its answer was lost. */
function hasAdvancedBy<Payload>(opened: OpenedPage, page: PageCommit<Payload>): boolean {
  return opened.next_offset === page.nextOffset && page.nextOffset > page.offset && opened.rereads === page.rereads;
}

function toBounds(opened: OpenedPage): WindowBounds | null {
  const { from_at: fromMs, until_at: untilMs, shop_no: shopNo, date_type: dateType } = opened;
  if (fromMs === null || untilMs === null || shopNo === null || dateType === null) return null;
  return { fromMs, untilMs, shopNo, dateType };
}

async function closePage<Payload>(
  { database }: LedgerContext<Payload>,
  client: PoolClient,
  execution: ClaimedExecution,
  page: PageCommit<Payload>,
  written: WriteResult<Payload>,
): Promise<void> {
  const { counters, costs } = page;
  const rejected = page.rejected.filter((row) => !isDuplicate(row)).length + written.refused.length;
  const { inserted, updated, unchanged, stale } = written;
  const counts = { inserted, updated, unchanged, stale, rejected, duplicate: counters.duplicate };
  const totals = toArrays([...buildRowTotals(execution.domainType, counts), ...buildCostTotals(costs)]);
  const closed = await runStatement(database, client, CLOSE_PAGE, [
    execution.instanceId,
    execution.reading,
    page.windowN,
    execution.executionId,
    page.nextOffset,
    page.offset,
    page.distinctSeen,
    page.checksum.toString(),
    counters.read,
    inserted,
    updated,
    unchanged,
    stale,
    rejected,
    counters.duplicate,
    counters.bytes,
    page.observedAtMs,
    page.rereads,
    toBytes(page.keyHashes),
    sumCalls(costs),
    sumWaits(costs),
    totals.names,
    totals.labels,
    totals.values,
    toShard(execution.executionId),
    database.leaseSeconds,
  ]);
  // the first try of this commit was still under way when the window was looked at; the next try finds it applied
  if (closed.rowCount !== 1) throw new TransientError('DatabaseUnavailable', 'the page was committed meanwhile');
}

function toBytes(hashes: BigUint64Array): Buffer {
  return Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength);
}

export function sumCalls(costs: PageCommit<unknown>['costs']): number {
  return costs.calls.reduce((sum, call) => sum + call.count, 0);
}

export function sumWaits(costs: PageCommit<unknown>['costs']): number {
  return Math.round(costs.waits.reduce((sum, wait) => sum + wait.waitMs, 0));
}

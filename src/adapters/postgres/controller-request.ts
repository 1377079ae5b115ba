import type { PoolClient } from 'pg';
import { z } from 'zod';
import { EXECUTION_STATUSES, isComplete, isLive } from '../../domain/execution.ts';
import { describeRead } from '../../domain/rerun-outcome.ts';
import { inTerm, type ControllerTerm } from './controller-term.ts';
import { failureReason } from './execution-end.ts';
import { toStorableText } from './ledger-text.ts';
import { runStatement, type Statement } from './page-session.ts';
import type { RetryItem } from './retry-request.ts';

/** Of several MallSyncs of the request that name a mall the newest one counts. */
const LOAD: Statement = {
  name: 'load-request-items',
  sql: `select distinct on (item.mall_id) item.mall_id, mall.result as admission, mall.reason as refusal, mall.message,
      run.execution_id, run.instance_id, run.status, run.failure_reason, run.failure_message, run.read, run.inserted,
      run.updated, run.rejected
    from mallsync.tb_mallsync as known
    join mallsync.tb_mallsync_mall as mall on mall.mallsync_uid = known.mallsync_uid
    join mallsync.tb_batch_retry_request_item as item
      on item.request_id = known.retry_request_id and item.mall_id = mall.mall_id
    left join mallsync.tb_batch_execution_summary as run on run.execution_id = mall.execution_id
    where known.retry_request_id = $1 and known.installation_id = $2 and item.state not in ('DONE', 'REFUSED')
    order by item.mall_id, known.created_at desc`,
};

const SAVE: Statement = {
  name: 'save-request-items',
  sql: `update mallsync.tb_batch_retry_request_item as item set state = saved.state, instance_id = saved.instance_id,
      execution_id = saved.execution_id, result = saved.result, updated_at = now()
    from unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
      as saved (mall_id, state, instance_id, execution_id, result)
    where item.request_id = $1 and item.mall_id = saved.mall_id and item.state not in ('DONE', 'REFUSED')
      and (item.state, item.execution_id, item.result)
        is distinct from (saved.state, saved.execution_id, saved.result)`,
};

const FINISH: Statement = {
  name: 'finish-request',
  sql: `update mallsync.tb_batch_retry_request as request set done_at = now(), state = items.state
    from (select case when bool_and(state = 'REFUSED') then 'REFUSED' else 'DONE' end as state
      from mallsync.tb_batch_retry_request_item where request_id = $1
      having bool_and(state in ('DONE', 'REFUSED'))) as items
    where request.request_id = $1 and request.state = 'ACCEPTED'`,
};

const reportRow = z.object({
  mall_id: z.int(),
  admission: z.enum(['PENDING', 'ADMITTED', 'ALREADY_COMPLETE', 'REFUSED']),
  refusal: failureReason.nullable(),
  message: z.string().nullable(),
  execution_id: z.int().nullable(),
  instance_id: z.int().nullable(),
  status: z.enum(EXECUTION_STATUSES).nullable(),
  failure_reason: failureReason.nullable(),
  failure_message: z.string().nullable(),
  read: z.int().nullable(),
  inserted: z.int().nullable(),
  updated: z.int().nullable(),
  rejected: z.int().nullable(),
});

type ReportRow = z.infer<typeof reportRow>;

/** Implements `ControllerLedger.reportRequest`. */
export function reportRequest(term: ControllerTerm, requestId: number): Promise<void> {
  return inTerm(term, (client) => reportItems(term, client, requestId));
}

/** Items that are final stay as they are. */
export async function reportItems(term: ControllerTerm, client: PoolClient, requestId: number): Promise<void> {
  const { database, installationId } = term;
  const { rows } = await runStatement(database, client, LOAD, [requestId, installationId]);
  const items = z.array(reportRow).parse(rows).map(toItem);
  if (items.length > 0) {
    await runStatement(database, client, SAVE, [
      requestId,
      items.map(({ mallId }) => mallId),
      items.map(({ state }) => state),
      items.map(({ instanceId }) => instanceId),
      items.map(({ executionId }) => executionId),
      items.map(({ result }) => result),
    ]);
  }
  await runStatement(database, client, FINISH, [requestId]);
}

/** In the words that `serve` uses for the same. */
function toItem(row: ReportRow): RetryItem {
  const { mall_id: mallId, instance_id: instanceId, execution_id: executionId, status } = row;
  const none = { mallId, instanceId: null, executionId: null };
  if (row.admission === 'REFUSED') {
    return { ...none, state: 'REFUSED', result: toStorableText(`${row.refusal}: ${row.message}`) };
  }
  const found = { mallId, instanceId, executionId };
  if (row.admission === 'ALREADY_COMPLETE') return { ...found, state: 'DONE', result: 'already complete' };
  if (status === null || status === 'REQUESTED') return { ...found, state: 'ACCEPTED', result: null };
  if (isLive(status)) return { ...found, state: 'RUNNING', result: null };
  return { ...found, state: 'DONE', result: describeEnd(row) };
}

function describeEnd({ status, read, inserted, updated, rejected, ...row }: ReportRow): string {
  if (status !== null && isComplete(status)) {
    return describeRead(status, {
      read: read ?? 0,
      inserted: inserted ?? 0,
      updated: updated ?? 0,
      rejected: rejected ?? 0,
    });
  }
  return toStorableText(`${row.failure_reason ?? status}: ${row.failure_message ?? ''}`);
}

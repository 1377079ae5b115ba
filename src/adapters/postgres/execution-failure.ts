import type { ClientBase } from 'pg';
import type { ClaimedExecution } from '../../domain/execution.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { Stage } from '../../domain/row-error.ts';
import type { Database } from './database.ts';
import { lockEntries } from './ledger-reject.ts';
import { toStorableText } from './ledger-text.ts';
import { runStatement, type Statement } from './page-session.ts';

/** One entry an instance and reason; it has a period but no shop, which tells it from a row's entry. */
const SAVE: Statement = {
  name: 'save-failure-entry',
  sql: `insert into mallsync.tb_batch_error_log as entry (mall_id, domain_type, execution_id, row_identity, stage,
      reason_code, fingerprint, message, window_bounds)
    select $1, $2, $3, 'instance ' || $4::bigint, $5, $6, $7, $8, period
    from mallsync.tb_batch_job_instance where instance_id = $4
    on conflict (mall_id, domain_type, fingerprint, row_identity) do update set
      execution_id = excluded.execution_id, message = excluded.message, times = entry.times + 1,
      last_seen_at = excluded.last_seen_at,
      status = case when entry.status = 'IGNORED' then entry.status else 'OPEN' end`,
};

const CLEAR: Statement = {
  name: 'clear-failure-entry',
  sql: `update mallsync.tb_batch_error_log set status = 'REPLAYED', status_by = $4, status_at = now()
    where mall_id = $1 and domain_type = $2 and status = 'OPEN' and row_key is null
      and row_identity = 'instance ' || $3::bigint`,
};

export async function saveFailureEntry(
  database: Database,
  client: ClientBase,
  execution: ClaimedExecution,
  failure: { readonly reason: FailureReason; readonly message: string },
): Promise<void> {
  const { mallId, domainType, executionId, instanceId } = execution;
  await lockEntries(database, client, execution);
  const stage: Stage = failure.reason === 'RejectBudgetExceeded' ? 'VALIDATE' : 'FETCH';
  const fingerprint = [domainType, stage, failure.reason, '-'].join(':');
  const text = toStorableText(failure.message);
  const values = [mallId, domainType, executionId, instanceId, stage, failure.reason, fingerprint, text];
  await runStatement(database, client, SAVE, values);
}

/** The instance has ended well since. */
export async function clearFailureEntry(
  database: Database,
  client: ClientBase,
  execution: ClaimedExecution,
): Promise<void> {
  const { mallId, domainType, executionId, instanceId } = execution;
  await lockEntries(database, client, execution);
  await runStatement(database, client, CLEAR, [mallId, domainType, instanceId, `execution ${executionId}`]);
}

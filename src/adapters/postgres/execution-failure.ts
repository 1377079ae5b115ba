import type { ClientBase } from 'pg';
import type { DomainType } from '../../domain/domain-type.ts';
import type { ClaimedExecution } from '../../domain/execution.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { Stage } from '../../domain/row-error.ts';
import type { Database } from './database.ts';
import { lockEntries, lockEntriesOfMalls } from './ledger-reject.ts';
import { toStorableText } from './ledger-text.ts';
import { runStatement, type Statement } from './page-session.ts';

/** One entry an instance and reason; it has a period but no shop, which tells it from a row's entry. */
const SAVE: Statement = {
  name: 'save-failure-entry',
  sql: `insert into mallsync.tb_batch_error_log as entry (mall_id, domain_type, execution_id, row_identity, stage,
      reason_code, fingerprint, message, window_bounds)
    select failed.mall_id, $1, failed.execution_id, 'instance ' || failed.instance_id, failed.stage, failed.reason,
      $1 || ':' || failed.stage || ':' || failed.reason || ':-', failed.message, instance.period
    from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])
      as failed (mall_id, execution_id, instance_id, stage, reason, message)
    join mallsync.tb_batch_job_instance as instance on instance.instance_id = failed.instance_id
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

export interface FailedExecution extends Pick<ClaimedExecution, 'mallId' | 'executionId' | 'instanceId'> {
  readonly reason: FailureReason;
  readonly message: string;
}

export async function saveFailureEntries(
  database: Database,
  client: ClientBase,
  domainType: DomainType,
  failed: readonly FailedExecution[],
): Promise<void> {
  const mallIds = failed.map(({ mallId }) => mallId);
  await lockEntriesOfMalls(database, client, mallIds, domainType);
  await runStatement(database, client, SAVE, [
    domainType,
    mallIds,
    failed.map(({ executionId }) => executionId),
    failed.map(({ instanceId }) => instanceId),
    failed.map(({ reason }) => toStage(reason)),
    failed.map(({ reason }) => reason),
    failed.map(({ message }) => toStorableText(message)),
  ]);
}

function toStage(reason: FailureReason): Stage {
  return reason === 'RejectBudgetExceeded' ? 'VALIDATE' : 'FETCH';
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

import type { DomainType } from '../../../src/domain/domain-type.ts';
import type { ExecutionMode, ExecutionStatus } from '../../../src/domain/execution.ts';
import type { WindowState } from '../../../src/domain/window.ts';
import type { TestDatabase } from '../../support/database.ts';

export interface GivenExecution {
  readonly mallId: number;
  readonly status: ExecutionStatus;
  readonly domainType?: DomainType;
  /** A day of December 2025. */
  readonly day?: number;
  readonly attemptCount?: number;
  readonly mode?: ExecutionMode;
  readonly failureReason?: string;
  readonly failureMessage?: string;
  readonly lastReason?: string;
  /** How long ago it was asked for and ended. */
  readonly daysAgo?: number;
  /** A process that holds it, or held it, and how long its lease has to go; negative when it is over. */
  readonly holder?: { readonly name: string; readonly leaseSeconds: number };
  readonly rejected?: number;
}

export async function addMall(database: TestDatabase, mallId: number, { active = true } = {}): Promise<void> {
  await database.query(
    'insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name, active) values ($1, $2, $3, $4)',
    [mallId, `mall-${mallId}`, `Mall ${mallId}`, active],
  );
}

/** An execution as a run would have left it; returns its id. */
export async function addExecution(database: TestDatabase, given: GivenExecution): Promise<number> {
  const { mallId, status, domainType = 'MEMBER', day = 1, attemptCount = 1, mode = 'RESUME', daysAgo = 0 } = given;
  const [start, end] = [day, day + 1].map((each) => `2025-12-${String(each).padStart(2, '0')}T00:00:00`);
  const isLive = ['REQUESTED', 'RUNNING', 'WAITING'].includes(status);
  const [instance] = await database.query<{ instance_id: string }>(
    `insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date, created_at)
     values ($1, $2, tstzrange($3::text::timestamp at time zone 'Asia/Seoul', $4::text::timestamp at time zone 'Asia/Seoul'),
       $3, $4, now() - make_interval(days => $5))
     on conflict (mall_id, domain_type, period) do update set start_date = excluded.start_date returning instance_id`,
    [mallId, domainType, start, end, daysAgo],
  );
  const [execution] = await database.query<{ execution_id: string }>(
    `insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
       attempt_count, mode, reading, status, trigger, requested_by, installation_id, requested_at, started_at, ended_at,
       failure_reason, failure_message, last_reason, last_message, pod, lease_until, read, inserted, rejected)
     values ($1, $2, $3, $4, $5, 500, $6, $7, 1, $8, 'LOCAL', 'kim@office', 'local', now() - make_interval(days => $9),
       case when $8 <> 'REQUESTED' then now() - make_interval(days => $9) end,
       case when not $10 then now() - make_interval(days => $9) end, $11, $12, $13, 'it was so', $14,
       now() + make_interval(secs => $15), 1234, 1200, $16) returning execution_id`,
    [
      instance?.instance_id,
      mallId,
      domainType,
      start,
      end,
      attemptCount,
      mode,
      status,
      daysAgo,
      isLive,
      given.failureReason ?? null,
      given.failureMessage ?? null,
      given.lastReason ?? null,
      given.holder?.name ?? null,
      given.holder?.leaseSeconds ?? null,
      given.rejected ?? 0,
    ],
  );
  return Number(execution?.execution_id);
}

export async function addWindow(
  database: TestDatabase,
  executionId: number,
  n: number,
  state: WindowState,
  message: string | null = null,
): Promise<void> {
  await database.query(
    `insert into mallsync.tb_batch_window (instance_id, reading, n, mall_id, domain_type, bounds, shop_no, date_type, state,
       count_before, count_after, rows_seen, distinct_seen, message, execution_id)
     select instance_id, execution.reading, $2, mall_id, domain_type, period, $2, 'join', $3, 10, 10, 10, 9, $4, execution_id
     from mallsync.tb_batch_execution_summary as execution join mallsync.tb_batch_job_instance using (instance_id, mall_id, domain_type)
     where execution_id = $1`,
    [executionId, n, state, message],
  );
}

export interface GivenError {
  readonly key: string;
  readonly fingerprint: string;
  readonly status?: 'OPEN' | 'REPLAYED' | 'IGNORED';
  readonly daysAgo?: number;
}

export async function addError(database: TestDatabase, executionId: number, given: GivenError): Promise<void> {
  const [, stage, reasonCode, field] = given.fingerprint.split(':');
  await database.query(
    `insert into mallsync.tb_batch_error_log (mall_id, domain_type, execution_id, row_key, row_identity, stage, reason_code,
       field, fingerprint, message, payload, window_bounds, shop_no, date_type, status, last_seen_at)
     select mall_id, domain_type, execution_id, $2, $2, $3, $4, $5, $6, 'the field is no date', '{"birthday": "x***"}', period,
       1, 'join', $7, now() - make_interval(days => $8)
     from mallsync.tb_batch_execution_summary as execution join mallsync.tb_batch_job_instance using (instance_id, mall_id, domain_type)
     where execution_id = $1`,
    [executionId, given.key, stage, reasonCode, field, given.fingerprint, given.status ?? 'OPEN', given.daysAgo ?? 0],
  );
}

export interface AuditRow {
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
  readonly detail: Record<string, unknown>;
  readonly actor: string;
}

export async function listAudit(database: TestDatabase): Promise<readonly AuditRow[]> {
  return await database.query<AuditRow>(
    'select action, target, outcome, detail, actor from mallsync.tb_audit_log order by audit_id',
  );
}

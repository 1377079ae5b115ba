import type { TestDatabase } from '../../support/database.ts';

export interface ExecutionFields {
  readonly mallId?: number;
  readonly domainType?: string;
  readonly instanceId?: number;
  readonly status?: string;
  readonly mode?: string;
  readonly reading?: number;
  readonly fenceToken?: number;
  /** How long ago it was asked for and, unless it is live, ended. */
  readonly daysAgo?: number;
}

let days = 0;

/** A JobInstance of a day of its own. */
export async function addInstance(
  database: TestDatabase,
  { mallId = 1, domainType = 'MEMBER', daysAgo = 0 }: ExecutionFields = {},
) {
  days += 1;
  const [row] = await database.query(
    `insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date, created_at)
     values ($1, $2, tstzrange(timestamptz '2025-01-01' + $3 * interval '1 day', timestamptz '2025-01-02' + $3 * interval '1 day'),
       '', '', now() - make_interval(days => $4)) returning instance_id::int`,
    [mallId, domainType, days, daysAgo],
  );
  return Number(row?.['instance_id']);
}

/** An execution, of a new instance unless one is named, with the next free attempt. */
export async function addExecution(database: TestDatabase, fields: ExecutionFields = {}): Promise<number> {
  const {
    mallId = 1,
    domainType = 'MEMBER',
    status = 'COMPLETED',
    mode = 'RESUME',
    reading = 1,
    fenceToken = 1,
    daysAgo = 0,
  } = fields;
  const instanceId = fields.instanceId ?? (await addInstance(database, fields));
  const isLive = ['REQUESTED', 'RUNNING', 'WAITING'].includes(status);
  const [row] = await database.query(
    `insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
       attempt_count, mode, reading, status, trigger, installation_id, fence_token, requested_at, ended_at, lease_until)
     select $1, $2, $3, '', '', 1000, coalesce(max(attempt_count), 0) + 1, $4, $5, $6, 'LOCAL', 'test', $7::bigint,
       now() - make_interval(days => $8), case when $9 then null else now() - make_interval(days => $8) end,
       case when $9 and $7::bigint > 0 then now() + interval '30 seconds' end
     from mallsync.tb_batch_execution_summary where instance_id = $1 returning execution_id::int`,
    [instanceId, mallId, domainType, mode, reading, status, fenceToken, daysAgo, isLive],
  );
  return Number(row?.['execution_id']);
}

export interface EntryFields {
  readonly mallId?: number;
  readonly domainType?: string;
  readonly rowKey?: string;
  readonly fingerprint?: string;
  readonly status?: string;
  readonly executionId?: number;
  readonly times?: number;
  readonly message?: string;
  readonly daysAgo?: number;
}

export async function addErrorEntry(database: TestDatabase, fields: EntryFields = {}): Promise<number> {
  const { mallId = 1, domainType = 'MEMBER', rowKey = '1|someone', executionId = 1, times = 1, daysAgo = 0 } = fields;
  const [row] = await database.query(
    `insert into mallsync.tb_batch_error_log (mall_id, domain_type, execution_id, row_key, row_identity, stage, reason_code,
       field, fingerprint, message, payload, shop_no, times, status, first_seen_at, last_seen_at)
     values ($1, $2, $3, $4, $4, 'VALIDATE', 'BAD_DATE', 'birthday', $5, $6, '{"name":"k***"}', 1, $7, $8,
       now() - make_interval(days => $9), now() - make_interval(days => $9)) returning error_id::int`,
    [
      mallId,
      domainType,
      executionId,
      rowKey,
      fields.fingerprint ?? `${domainType}:VALIDATE:BAD_DATE:birthday`,
      fields.message ?? 'birthday is not a date',
      times,
      fields.status ?? 'OPEN',
      daysAgo,
    ],
  );
  return Number(row?.['error_id']);
}

import { sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../../domain/clock.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { ClaimedExecution, ExecutionStatus } from '../../domain/execution.ts';
import { EXECUTION_STATUSES, MODES, TRIGGERS } from '../../domain/execution.ts';
import type { Database } from './database.ts';
import { sqlStateOf } from './errors.ts';
import { endStalledCopy } from './stalled-copy.ts';

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly execution: ClaimedExecution }
  /** `leaseEndsInMs` by the database's clock; 0 when the lease is over but the row is locked by a page at this moment. */
  | { readonly kind: 'busy'; readonly leaseEndsInMs: number; readonly holder: string | null }
  | { readonly kind: 'settled'; readonly status: ExecutionStatus };

const LOCK_NOT_AVAILABLE = '55P03';
const LOCK_TIMEOUT_MS = 1_000;
const SHORTEST_PAUSE_MS = 100;

const claimedRow = z.object({
  execution_id: z.int(),
  instance_id: z.int(),
  mall_id: z.int(),
  domain_type: z.enum(DOMAIN_TYPES),
  start_date: z.string(),
  end_date: z.string(),
  from_at: z.number(),
  until_at: z.number(),
  page_size: z.int(),
  attempt_count: z.int(),
  mode: z.enum(MODES),
  trigger: z.enum(TRIGGERS),
  reading: z.int(),
  fence_token: z.int(),
});

const holderRow = z.object({
  status: z.enum(EXECUTION_STATUSES),
  is_live: z.boolean(),
  pod: z.string().nullable(),
  lease_ends_in_ms: z.number(),
});

/**
 * Takes a live execution that nobody holds: one guarded UPDATE that raises its fence token, by the database's clock.
 * @throws TerminalError ConfigInvalid when there is no such execution
 */
export async function claimExecution(database: Database, executionId: number, holder: string): Promise<ClaimResult> {
  try {
    const row = await claim(database, executionId, holder);
    if (row !== null) return { kind: 'claimed', execution: toClaimed(row) };
  } catch (error) {
    // a page of the holder is in its transaction; a frozen one is ended by its idle time-out within half a lease
    if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
    await endStalledCopy(database, executionId);
  }
  return describeHolder(database, executionId);
}

/** Claims again and again until it is ours or settled; gives up as busy after two leases. */
export async function claimWithPatience(
  database: Database,
  executionId: number,
  holder: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<ClaimResult> {
  const deadlineMs = clock.monotonicMs() + 2 * database.leaseSeconds * 1000;
  for (;;) {
    const result = await claimExecution(database, executionId, holder);
    const leftMs = deadlineMs - clock.monotonicMs();
    if (result.kind !== 'busy' || leftMs <= 0) return result;
    const pauseMs = Math.min(result.leaseEndsInMs, (database.leaseSeconds * 1000) / 10);
    await clock.sleep(Math.min(leftMs, Math.max(pauseMs, SHORTEST_PAUSE_MS)), signal);
  }
}

function claim(database: Database, executionId: number, holder: string): Promise<z.infer<typeof claimedRow> | null> {
  return database.pool.transaction(async (transaction) => {
    await transaction.query(sql.unsafe`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`);
    return transaction.maybeOne(sql.type(claimedRow)`
      update mallsync.tb_batch_execution_summary as execution
      set fence_token = execution.fence_token + 1, status = 'RUNNING', pod = ${holder},
        last_reason = null, last_message = null,
        started_at = coalesce(execution.started_at, now()),
        lease_until = clock_timestamp() + make_interval(secs => ${database.leaseSeconds})
      from mallsync.tb_batch_job_instance as instance
      where execution.execution_id = ${executionId} and instance.instance_id = execution.instance_id
        and execution.status in ('REQUESTED', 'RUNNING', 'WAITING')
        and (execution.lease_until is null or execution.lease_until <= clock_timestamp())
      returning execution.execution_id, execution.instance_id, execution.mall_id, execution.domain_type,
        execution.start_date, execution.end_date, lower(instance.period) as from_at, upper(instance.period) as until_at,
        execution.page_size, execution.attempt_count, execution.mode, execution.trigger, execution.reading,
        execution.fence_token`);
  });
}

async function describeHolder(database: Database, executionId: number): Promise<ClaimResult> {
  const row = await database.pool.maybeOne(sql.type(holderRow)`
    select status, status in ('REQUESTED', 'RUNNING', 'WAITING') as is_live, pod,
      greatest(coalesce(extract(epoch from lease_until - clock_timestamp()) * 1000, 0), 0)::float8 as lease_ends_in_ms
    from mallsync.tb_batch_execution_summary where execution_id = ${executionId}`);
  if (row === null) throw new TerminalError('ConfigInvalid', `there is no execution ${executionId}`);
  if (!row.is_live) return { kind: 'settled', status: row.status };
  return { kind: 'busy', leaseEndsInMs: row.lease_ends_in_ms, holder: row.pod };
}

function toClaimed(row: z.infer<typeof claimedRow>): ClaimedExecution {
  return {
    executionId: row.execution_id,
    instanceId: row.instance_id,
    mallId: row.mall_id,
    domainType: row.domain_type,
    period: { startDate: row.start_date, endDate: row.end_date, fromMs: row.from_at, untilMs: row.until_at },
    pageSize: row.page_size,
    attemptCount: row.attempt_count,
    mode: row.mode,
    trigger: row.trigger,
    reading: row.reading,
    fenceToken: row.fence_token,
  };
}

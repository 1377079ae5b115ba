import { sql } from 'slonik';
import { z } from 'zod';
import type { QueryPool } from './pool.ts';

export interface Retention {
  /** Entries of the error log, counted from when they were last seen. */
  readonly rejectedRowDays: number;
  /** Executions, windows, requests and the audit log, counted from their end; MallSyncs from their last admission. */
  readonly historyDays: number;
}

export const DEFAULT_RETENTION: Retention = { rejectedRowDays: 180, historyDays: 400 };

/** How many rows went. */
export interface PruneResult {
  readonly errorEntries: number;
  readonly windows: number;
  readonly executions: number;
  readonly requests: number;
  readonly auditEntries: number;
  readonly mallSyncs: number;
}

/** Rows a statement deletes or looks at, so that none holds locks or dead rows for long. */
const BATCH = 1_000;

/**
 * Deletes what is older than its retention, in small transactions beside running ones; cut short, it goes on the next
 * time. Instances and coverage stay, and of each instance the execution that makes it complete, by which the same
 * period is still known as done.
 */
export async function prune(pool: QueryPool, retention: Retention, signal: AbortSignal): Promise<PruneResult> {
  const { rejectedRowDays, historyDays } = retention;
  return {
    errorEntries: await repeat(signal, () => deleteErrorEntries(pool, rejectedRowDays)),
    windows: await walk(signal, (afterId) => deleteWindows(pool, historyDays, afterId)),
    executions: await walk(signal, (afterId) => deleteExecutions(pool, historyDays, afterId)),
    requests: await repeat(signal, () => deleteRequests(pool, historyDays)),
    auditEntries: await repeat(signal, () => deleteAuditEntries(pool, historyDays)),
    mallSyncs: await repeat(signal, () => deleteMallSyncs(pool, historyDays)),
  };
}

async function repeat(signal: AbortSignal, deleteBatch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    signal.throwIfAborted();
    const deleted = await deleteBatch();
    total += deleted;
    if (deleted < BATCH) return total;
  }
}

interface Step {
  readonly deleted: number;
  /** Where the next step begins; null when all that is old enough was looked at. */
  readonly lastId: number | null;
}

async function walk(signal: AbortSignal, next: (afterId: number) => Promise<Step>): Promise<number> {
  let total = 0;
  for (let afterId: number | null = 0; afterId !== null;) {
    signal.throwIfAborted();
    const step = await next(afterId);
    total += step.deleted;
    afterId = step.lastId;
  }
  return total;
}

async function deleteErrorEntries(pool: QueryPool, days: number): Promise<number> {
  const result = await pool.query(sql.unsafe`
    delete from mallsync.tb_batch_error_log where error_id = any(array(
      select error_id from mallsync.tb_batch_error_log where last_seen_at < now() - make_interval(days => ${days})
      order by last_seen_at limit ${BATCH} for update skip locked))`);
  return result.rowCount;
}

const stepRow = z.object({ deleted: z.number(), last_id: z.number().nullable() });

/**
 * A reading's windows go together, when no execution of that reading is live or ended lately: without some of them a
 * resumed execution would take the rest for the whole. The instances are locked first, which keeps admissions out.
 */
async function deleteWindows(pool: QueryPool, days: number, afterId: number): Promise<Step> {
  return await pool.transaction(async (tx) => {
    const instanceIds = await tx.anyFirst(sql.type(z.object({ instance_id: z.number() }))`
      select i.instance_id
      from (select distinct instance_id from mallsync.tb_batch_window where instance_id > ${afterId}
        order by instance_id limit ${BATCH}) w join mallsync.tb_batch_job_instance i using (instance_id)
      where i.created_at < now() - make_interval(days => ${days}) order by i.instance_id for no key update of i`);
    const result = await tx.query(sql.unsafe`
      delete from mallsync.tb_batch_window w
      where instance_id = any(${sql.array([...instanceIds], 'int8')}) and not exists (
        select from mallsync.tb_batch_execution_summary e
        where e.instance_id = w.instance_id and e.reading = w.reading
          and (e.ended_at is null or e.ended_at >= now() - make_interval(days => ${days})))`);
    return { deleted: result.rowCount, lastId: instanceIds.at(-1) ?? null };
  });
}

/** Ids rise with time, so the walk ends at the first execution that is young enough. */
async function deleteExecutions(pool: QueryPool, days: number, afterId: number): Promise<Step> {
  const row = await pool.one(sql.type(stepRow)`
    with slice as (
      select execution_id, instance_id, attempt_count, requested_at, ended_at,
        mode <> 'REPLAY' and status in ('COMPLETED', 'COMPLETED_WITH_REJECTS') as completes
      from mallsync.tb_batch_execution_summary where execution_id > ${afterId} order by execution_id limit ${BATCH}
    ), deleted as (
      delete from mallsync.tb_batch_execution_summary e using slice
      where e.execution_id = slice.execution_id and slice.ended_at < now() - make_interval(days => ${days})
        and (not slice.completes or exists (
          select from mallsync.tb_batch_execution_summary newer
          where newer.instance_id = slice.instance_id and newer.attempt_count > slice.attempt_count
            and newer.mode <> 'REPLAY' and newer.status in ('COMPLETED', 'COMPLETED_WITH_REJECTS')))
      returning 1
    )
    select (select count(*) from deleted) as deleted, case when max(requested_at) < now() - make_interval(days => ${days})
      then max(execution_id) end as last_id from slice`);
  return { deleted: row.deleted, lastId: row.last_id };
}

async function deleteRequests(pool: QueryPool, days: number): Promise<number> {
  const result = await pool.query(sql.unsafe`
    delete from mallsync.tb_batch_retry_request where request_id = any(array(
      select request_id from mallsync.tb_batch_retry_request
      where state in ('DONE', 'REFUSED') and done_at < now() - make_interval(days => ${days})
      order by request_id limit ${BATCH}))`);
  return result.rowCount;
}

async function deleteAuditEntries(pool: QueryPool, days: number): Promise<number> {
  const result = await pool.query(sql.unsafe`
    delete from mallsync.tb_audit_log where audit_id = any(array(
      select audit_id from mallsync.tb_audit_log where at < now() - make_interval(days => ${days})
      order by at limit ${BATCH}))`);
  return result.rowCount;
}

/** One with live executions stays: it may be suspended, and would name its malls anew. */
async function deleteMallSyncs(pool: QueryPool, days: number): Promise<number> {
  const result = await pool.query(sql.unsafe`
    delete from mallsync.tb_mallsync where mallsync_uid = any(array(
      select mallsync_uid from mallsync.tb_mallsync known
      where updated_at < now() - make_interval(days => ${days}) and not exists (
        select from mallsync.tb_batch_execution_summary e
        where e.mallsync_uid = known.mallsync_uid and e.status in ('REQUESTED', 'RUNNING', 'WAITING'))
      order by updated_at limit ${BATCH} for update skip locked))`);
  return result.rowCount;
}

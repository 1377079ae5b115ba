import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { LedgerState, MallRecord, Run } from '../../controller/run.ts';
import { EXECUTION_STATUSES } from '../../domain/execution.ts';
import type { Database } from './database.ts';
import { failureReason } from './execution-end.ts';
import { runStatement, type Statement } from './page-session.ts';

/** A row a run, or a mall that has none; no row before the expansion, and one of nulls where that named no mall. */
const LOAD: Statement = {
  name: 'load-mallsync',
  sql: `select mall.mall_id, mall.result, mall.attempt_wish, mall.execution_id as named_execution_id, mall.reason,
      mall.message, run.execution_id, run.instance_id, run.attempt_count, run.page_size, run.status, run.job_name,
      (extract(epoch from statement_timestamp() - run.launched_at) * 1000)::float8 as launched_ago_ms,
      (extract(epoch from statement_timestamp() - run.ended_at) * 1000)::float8 as ended_ago_ms,
      run.recorded_at is not null as is_recorded, run.last_reason, run.last_message, run.failure_reason,
      run.failure_message, run.read, run.inserted, run.updated, run.unchanged, run.rejected
    from mallsync.tb_mallsync as known
    left join mallsync.tb_mallsync_mall as mall on mall.mallsync_uid = known.mallsync_uid
    left join mallsync.tb_batch_execution_summary as run
      on run.mallsync_uid = known.mallsync_uid and run.mall_id = mall.mall_id
    where known.mallsync_uid = $1
    order by mall.mall_id, run.execution_id`,
};

const mallRow = z
  .object({
    mall_id: z.int(),
    result: z.enum(['PENDING', 'ADMITTED', 'ALREADY_COMPLETE', 'REFUSED']),
    attempt_wish: z.int(),
    named_execution_id: z.int().nullable(),
    reason: failureReason.nullable(),
    message: z.string().nullable(),
  })
  .transform((row): MallRecord => ({
    mallId: row.mall_id,
    result: row.result,
    attemptWish: row.attempt_wish,
    executionId: row.named_execution_id,
    reason: row.reason,
    message: row.message,
  }));

const runRow = z
  .object({
    mall_id: z.int(),
    execution_id: z.int(),
    instance_id: z.int(),
    attempt_count: z.int(),
    page_size: z.int(),
    status: z.enum(EXECUTION_STATUSES),
    job_name: z.string().nullable(),
    launched_ago_ms: z.number().nullable(),
    ended_ago_ms: z.number().nullable(),
    is_recorded: z.boolean(),
    last_reason: failureReason.nullable(),
    last_message: z.string().nullable(),
    failure_reason: failureReason.nullable(),
    failure_message: z.string().nullable(),
    read: z.int(),
    inserted: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    rejected: z.int(),
  })
  .transform((row): Run => ({
    executionId: row.execution_id,
    instanceId: row.instance_id,
    mallId: row.mall_id,
    attemptCount: row.attempt_count,
    pageSize: row.page_size,
    status: row.status,
    jobName: row.job_name,
    launchedAgoMs: toAge(row.launched_ago_ms),
    endedAgoMs: toAge(row.ended_ago_ms),
    isRecorded: row.is_recorded,
    lastReason: row.last_reason,
    lastMessage: row.last_message,
    failureReason: row.failure_reason,
    failureMessage: row.failure_message,
    counters: {
      read: row.read,
      inserted: row.inserted,
      updated: row.updated,
      unchanged: row.unchanged,
      rejected: row.rejected,
    },
  }));

/** What another transaction has noted since the statement began lies ahead of it. */
function toAge(ms: number | null): number | null {
  return ms === null ? null : Math.max(0, ms);
}

const keyRow = z.object({ mall_id: z.int().nullable(), execution_id: z.int().nullable() });

/** One statement, so that malls and runs are of one moment. */
export async function loadState(database: Database, client: ClientBase, mallSyncUid: string): Promise<LedgerState> {
  const { rows } = await runStatement(database, client, LOAD, [mallSyncUid]);
  if (rows.length === 0) return { malls: null, runs: [] };
  const malls: MallRecord[] = [];
  const runs: Run[] = [];
  for (const row of rows as readonly unknown[]) {
    const { mall_id: mallId, execution_id: executionId } = keyRow.parse(row);
    if (mallId !== null && malls.at(-1)?.mallId !== mallId) malls.push(mallRow.parse(row));
    if (executionId !== null) runs.push(runRow.parse(row));
  }
  return { malls, runs: runs.sort((a, b) => a.executionId - b.executionId) };
}

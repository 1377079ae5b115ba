import { sql } from 'slonik';
import { z } from 'zod';
import type { DomainType } from '../../domain/domain-type.ts';
import type { ExecutionStatus } from '../../domain/execution.ts';
import type { TimeRange } from '../../domain/period.ts';
import type { Database } from './database.ts';
import { RECORD_COLUMNS, recordRow, type ExecutionRecord } from './execution-record.ts';
import { toRange } from './range-sql.ts';

/** All that are given must hold. */
export interface ExecutionFilter {
  readonly mallIds?: readonly number[];
  readonly domainType?: DomainType;
  readonly statuses?: readonly ExecutionStatus[];
  readonly executionIds?: readonly number[];
  /** The instance of exactly this period, however it was spelled. */
  readonly period?: TimeRange;
  /** Only older ones than this: for the next page of a list. */
  readonly beforeExecutionId?: number;
  readonly limit?: number;
}

const DEFAULT_LIMIT = 200;

/** The newest first. */
export async function listExecutions(database: Database, filter: ExecutionFilter): Promise<readonly ExecutionRecord[]> {
  const conditions = [
    filter.mallIds && sql.fragment`execution.mall_id = any(${sql.array([...filter.mallIds], 'int8')})`,
    filter.domainType && sql.fragment`execution.domain_type = ${filter.domainType}`,
    filter.statuses && sql.fragment`execution.status = any(${sql.array([...filter.statuses], 'text')})`,
    filter.executionIds && sql.fragment`execution.execution_id = any(${sql.array([...filter.executionIds], 'int8')})`,
    filter.period && sql.fragment`instance.period = ${toRange(filter.period)}`,
    filter.beforeExecutionId && sql.fragment`execution.execution_id < ${filter.beforeExecutionId}`,
  ].filter((condition) => typeof condition === 'object');
  return database.pool.any(sql.type(recordRow)`
    select ${RECORD_COLUMNS} from mallsync.tb_batch_execution_summary as execution
    join mallsync.tb_batch_job_instance as instance on instance.instance_id = execution.instance_id
    where ${sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `)}
    order by execution.execution_id desc limit ${filter.limit ?? DEFAULT_LIMIT}`);
}

/** Those of the ids that no execution has. */
export async function listUnknownIds(
  { pool }: Pick<Database, 'pool'>,
  executionIds: readonly number[],
): Promise<readonly number[]> {
  return await pool.anyFirst(sql.type(z.object({ id: z.int() }))`
    select id from unnest(${sql.array([...executionIds], 'int8')}) as id
    where not exists (select from mallsync.tb_batch_execution_summary where execution_id = id)`);
}

export async function findExecution(database: Database, executionId: number): Promise<ExecutionRecord | null> {
  const [found] = await listExecutions(database, { executionIds: [executionId] });
  return found ?? null;
}

/** Live executions of an installation whose lease has ended: what their next claimer goes on with, oldest first. */
export async function listTakeable(database: Database, installationId: string): Promise<readonly ExecutionRecord[]> {
  return database.pool.any(sql.type(recordRow)`
    select ${RECORD_COLUMNS} from mallsync.tb_batch_execution_summary as execution
    where execution.status in ('REQUESTED', 'RUNNING', 'WAITING') and execution.installation_id = ${installationId}
      and execution.mallsync_uid is null and execution.job_name is null and execution.lease_until <= clock_timestamp()
    order by execution.execution_id`);
}

import { sql } from 'slonik';
import { z } from 'zod';
import type { Counters } from '../../domain/counters.ts';
import { DOMAIN_TYPES, type DomainType } from '../../domain/domain-type.ts';
import type { ExecutionMode, ExecutionStatus, Trigger } from '../../domain/execution.ts';
import { EXECUTION_STATUSES, MODES, TRIGGERS } from '../../domain/execution.ts';
import type { FailureReason } from '../../domain/failure.ts';
import { counterShape, failureReason, toCounters } from './execution-end.ts';

/** One execution as operators see it. */
export interface ExecutionRecord {
  readonly executionId: number;
  readonly instanceId: number;
  readonly mallId: number;
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  readonly pageSize: number;
  readonly attemptCount: number;
  readonly mode: ExecutionMode;
  readonly status: ExecutionStatus;
  readonly trigger: Trigger;
  readonly requestedBy: string;
  readonly reason: string;
  readonly installationId: string;
  readonly jobName: string | null;
  /** Who claimed it last. */
  readonly holder: string | null;
  /** By the database's clock; 0 when over, null when it was never claimed or has ended. */
  readonly leaseEndsInMs: number | null;
  readonly requestedAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** From the first claim to the end, or to now. */
  readonly seconds: number | null;
  /** Why its last holder let it go while it stayed live. */
  readonly lastReason: FailureReason | null;
  readonly lastMessage: string | null;
  readonly exitCode: number | null;
  readonly failureReason: FailureReason | null;
  readonly failureMessage: string | null;
  readonly counters: Counters;
}

export const recordRow = z
  .object({
    execution_id: z.int(),
    instance_id: z.int(),
    mall_id: z.int(),
    domain_type: z.enum(DOMAIN_TYPES),
    start_date: z.string(),
    end_date: z.string(),
    page_size: z.int(),
    attempt_count: z.int(),
    mode: z.enum(MODES),
    status: z.enum(EXECUTION_STATUSES),
    trigger: z.enum(TRIGGERS),
    requested_by: z.string(),
    reason: z.string(),
    installation_id: z.string(),
    job_name: z.string().nullable(),
    pod: z.string().nullable(),
    lease_ends_in_ms: z.number().nullable(),
    requested_at: z.number(),
    started_at: z.number().nullable(),
    ended_at: z.number().nullable(),
    seconds: z.number().nullable(),
    last_reason: failureReason.nullable(),
    last_message: z.string().nullable(),
    exit_code: z.int().nullable(),
    failure_reason: failureReason.nullable(),
    failure_message: z.string().nullable(),
    ...counterShape,
  })
  .transform((row): ExecutionRecord => ({
    executionId: row.execution_id,
    instanceId: row.instance_id,
    mallId: row.mall_id,
    domainType: row.domain_type,
    startDate: row.start_date,
    endDate: row.end_date,
    pageSize: row.page_size,
    attemptCount: row.attempt_count,
    mode: row.mode,
    status: row.status,
    trigger: row.trigger,
    requestedBy: row.requested_by,
    reason: row.reason,
    installationId: row.installation_id,
    jobName: row.job_name,
    holder: row.pod,
    leaseEndsInMs: row.lease_ends_in_ms,
    requestedAtMs: row.requested_at,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
    seconds: row.seconds,
    lastReason: row.last_reason,
    lastMessage: row.last_message,
    exitCode: row.exit_code,
    failureReason: row.failure_reason,
    failureMessage: row.failure_message,
    counters: toCounters(row),
  }));

export const RECORD_COLUMNS = sql.fragment`execution.execution_id, execution.instance_id, execution.mall_id, execution.domain_type,
  execution.start_date, execution.end_date, execution.page_size, execution.attempt_count, execution.mode,
  execution.status, execution.trigger, execution.requested_by, execution.reason, execution.installation_id,
  execution.job_name, execution.pod, execution.requested_at, execution.started_at, execution.ended_at,
  execution.last_reason, execution.last_message, execution.exit_code, execution.failure_reason,
  execution.failure_message, execution.read, execution.inserted, execution.updated, execution.unchanged,
  execution.stale, execution.rejected, execution.duplicate, execution.pages, execution.api_calls, execution.wait_ms,
  execution.bytes,
  extract(epoch from coalesce(execution.ended_at, clock_timestamp()) - execution.started_at)::float8 as seconds,
  case when execution.lease_until is not null
    then greatest(extract(epoch from execution.lease_until - clock_timestamp()) * 1000, 0)::float8
  end as lease_ends_in_ms`;

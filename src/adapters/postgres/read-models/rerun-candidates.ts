import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { CREDENTIAL_STATES, type CredentialState } from '../../../domain/credential.ts';
import { DOMAIN_TYPES, type DomainType } from '../../../domain/domain-type.ts';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../../domain/execution.ts';
import type { FailureReason } from '../../../domain/failure.ts';
import { parsePeriod } from '../../../domain/period.ts';
import { LIST_BUCKET } from '../../../domain/rate-budget.ts';
import { failureReason } from '../execution-end.ts';
import type { QueryPool } from '../pool.ts';
import { toRange } from '../range-sql.ts';
import { WHOLE_MALL } from '../rate-budget.ts';

/** What is to be read: the periods of executions, or one period of some malls. */
export type CandidateSelection =
  | { readonly executionIds: readonly number[] }
  | {
      readonly domainType: DomainType;
      readonly startDate: string;
      readonly endDate: string;
      /** `active`: the active malls that take the domain type. */
      readonly mallIds: readonly number[] | 'active';
    };

/** One mall, domain type and period, and all that tells whether and how long it would run. */
export interface Candidate {
  readonly mallId: number;
  readonly mallName: string;
  readonly cafe24MallId: string;
  readonly active: boolean;
  /** The domain type is one that the nightly run reads of this mall. */
  readonly takesDomain: boolean;
  /** Null: the mall was never authorized. */
  readonly credentialState: CredentialState | null;
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  /** Null: this period was never asked for. */
  readonly instanceId: number | null;
  /** Of the newest execution; 1000 where there is none. */
  readonly pageSize: number;
  readonly liveExecutionId: number | null;
  /** The present reading has been read to its end. */
  readonly isComplete: boolean;
  /** Rejected rows that a replay would take. */
  readonly openRejects: number;
  /** Of the newest execution that was no replay. */
  readonly lastExecutionId: number | null;
  readonly lastStatus: ExecutionStatus | null;
  readonly lastReason: FailureReason | null;
  /** Null while no window is planned. */
  readonly checkpoint: {
    readonly windowsDone: number;
    readonly windowsTotal: number;
    /** What the API counted less what is read; null while a window is not counted, or has no count. */
    readonly rowsLeft: number | null;
  } | null;
  /** Calls of the mall's last whole reading of the domain type, scaled to this period; null without one of late. */
  readonly lastApiCalls: number | null;
  /** What the endpoint allows in the long run. */
  readonly callsPerSecond: number;
  /** No call to the mall before this; null when no block is in force. */
  readonly blockedUntilMs: number | null;
}

const DEFAULT_PAGE_SIZE = 1_000;
/** How many executions back a complete one is looked for. */
const LOOK_BACK = 20;

const candidateRow = z.object({
  mall_id: z.int(),
  mall_name: z.string(),
  cafe24_mall_id: z.string(),
  active: z.boolean(),
  takes_domain: z.boolean(),
  credential_state: z.enum(CREDENTIAL_STATES).nullable(),
  domain_type: z.enum(DOMAIN_TYPES),
  start_date: z.string(),
  end_date: z.string(),
  instance_id: z.int().nullable(),
  page_size: z.int().nullable(),
  live_execution_id: z.int().nullable(),
  is_complete: z.boolean(),
  open_rejects: z.int(),
  last_execution_id: z.int().nullable(),
  last_status: z.enum(EXECUTION_STATUSES).nullable(),
  last_reason: failureReason.nullable(),
  windows_total: z.int(),
  windows_done: z.int(),
  rows_left: z.number().nullable(),
  api_calls: z.number().nullable(),
  blocked_until: z.number().nullable(),
});

/**
 * In order of domain type, period and mall; unknown malls and executions are left out, and executions of one period are
 * one candidate.
 * @throws TerminalError ConfigInvalid for a period that is malformed
 */
export async function loadCandidates(pool: QueryPool, selection: CandidateSelection): Promise<readonly Candidate[]> {
  const wanted = 'executionIds' in selection ? toInstances(selection.executionIds) : toPeriod(selection);
  const rows = await pool.any(sql.type(candidateRow)`
    with wanted as materialized (${wanted})
    select wanted.mall_id, mall.name as mall_name, mall.cafe24_mall_id, mall.active,
      wanted.domain_type = any(mall.domain_types) as takes_domain, credential.state as credential_state,
      wanted.domain_type, wanted.start_date, wanted.end_date, wanted.instance_id,
      last.page_size, live.execution_id as live_execution_id, coalesce(done.is_complete, false) as is_complete,
      rejects.entries as open_rejects, last.execution_id as last_execution_id, last.status as last_status,
      last.reason as last_reason, windows.total as windows_total, windows.done as windows_done, windows.rows_left,
      calls.api_calls, budget.blocked_until
    from wanted
    join mallsync.tb_mall_config as mall on mall.mall_id = wanted.mall_id
    left join mallsync.tb_mall_credential as credential on credential.mall_id = wanted.mall_id
    left join mallsync.tb_rate_budget as budget on budget.mall_id = wanted.mall_id
      and budget.endpoint = ${WHOLE_MALL} and budget.blocked_until > clock_timestamp()
    left join mallsync.tb_batch_execution_summary as live
      on live.instance_id = wanted.instance_id and live.status in ('REQUESTED', 'RUNNING', 'WAITING')
    left join lateral (${lastExecution}) as last on true
    left join lateral (${completeExecution}) as done on true
    cross join lateral (${openRejects}) as rejects
    cross join lateral (${windowProgress}) as windows
    left join lateral (${lastCalls}) as calls on true
    order by wanted.domain_type, wanted.period, wanted.mall_id`);
  return rows.map(toCandidate);
}

function toInstances(executionIds: readonly number[]): FragmentSqlToken {
  return sql.fragment`
    select distinct instance.mall_id, instance.domain_type, instance.period, instance.start_date, instance.end_date,
      instance.instance_id, instance.reading
    from mallsync.tb_batch_execution_summary as named
    join mallsync.tb_batch_job_instance as instance on instance.instance_id = named.instance_id
    where named.execution_id = any(${sql.array([...executionIds], 'int8')})`;
}

function toPeriod({
  domainType,
  startDate,
  endDate,
  mallIds,
}: Exclude<CandidateSelection, { readonly executionIds: readonly number[] }>): FragmentSqlToken {
  const period = toRange(parsePeriod(startDate, endDate));
  const malls =
    mallIds === 'active'
      ? sql.fragment`mall.active and ${domainType} = any(mall.domain_types)`
      : sql.fragment`mall.mall_id = any(${sql.array([...mallIds], 'int8')})`;
  return sql.fragment`
    select mall.mall_id, ${domainType}::text as domain_type, ${period} as period, ${startDate}::text as start_date,
      ${endDate}::text as end_date, instance.instance_id, instance.reading
    from mallsync.tb_mall_config as mall
    left join lateral (
      -- the limit keeps the look-up one a mall: the planner takes an exact period for rarer than it is
      select instance_id, reading from mallsync.tb_batch_job_instance
      where mall_id = mall.mall_id and domain_type = ${domainType} and period = ${period} limit 1
    ) as instance on true
    where ${malls}`;
}

const lastExecution = sql.fragment`
  select execution.execution_id, execution.page_size, execution.status,
    coalesce(execution.failure_reason, execution.last_reason) as reason
  from mallsync.tb_batch_execution_summary as execution
  where execution.instance_id = wanted.instance_id and execution.mode <> 'REPLAY'
  order by execution.attempt_count desc limit 1`;

const completeExecution = sql.fragment`
  select true as is_complete from mallsync.tb_batch_execution_summary as execution
  where execution.instance_id = wanted.instance_id and execution.reading = wanted.reading
    and execution.status in ('COMPLETED', 'COMPLETED_WITH_REJECTS') and execution.mode <> 'REPLAY' limit 1`;

const openRejects = sql.fragment`
  select count(*) as entries from mallsync.tb_batch_error_log as entry
  where entry.mall_id = wanted.mall_id and entry.domain_type = wanted.domain_type and entry.status = 'OPEN'
    and entry.shop_no is not null and entry.window_bounds && wanted.period`;

const windowProgress = sql.fragment`
  select count(*) as total,
    count(*) filter (where state in ('COMPLETE', 'COMPLETE_WITH_REJECTS')) as done,
    case when count(*) filter (where state in ('UNSPLIT', 'OPEN', 'INCOMPLETE') and count_before is null) = 0
      then coalesce(sum(case when state = 'INCOMPLETE' then count_before else greatest(count_before - next_offset, 0) end)
        filter (where state in ('UNSPLIT', 'OPEN', 'INCOMPLETE')), 0)::float8 end as rows_left
  from mallsync.tb_batch_window
  where instance_id = wanted.instance_id and reading = wanted.reading`;

/** Of a whole reading: a later attempt may have read only what an earlier one left. */
const lastCalls = sql.fragment`
  select whole.api_calls * (extract(epoch from upper(wanted.period) - lower(wanted.period))
      / extract(epoch from upper(instance.period) - lower(instance.period)))::float8 as api_calls
  from (
    select execution.api_calls, execution.instance_id
    from (
      select execution_id, instance_id, status, mode, attempt_count, api_calls
      from mallsync.tb_batch_execution_summary as each
      where each.mall_id = wanted.mall_id and each.domain_type = wanted.domain_type
      order by each.execution_id desc limit ${LOOK_BACK}
    ) as execution
    where execution.status in ('COMPLETED', 'COMPLETED_WITH_REJECTS')
      and (execution.mode = 'RESUME' and execution.attempt_count = 1 or execution.mode = 'REPROCESS')
    order by execution.execution_id desc limit 1
  ) as whole
  join mallsync.tb_batch_job_instance as instance on instance.instance_id = whole.instance_id`;

function toCandidate(row: z.infer<typeof candidateRow>): Candidate {
  return {
    mallId: row.mall_id,
    mallName: row.mall_name,
    cafe24MallId: row.cafe24_mall_id,
    active: row.active,
    takesDomain: row.takes_domain,
    credentialState: row.credential_state,
    domainType: row.domain_type,
    startDate: row.start_date,
    endDate: row.end_date,
    instanceId: row.instance_id,
    pageSize: row.page_size ?? DEFAULT_PAGE_SIZE,
    liveExecutionId: row.live_execution_id,
    isComplete: row.is_complete,
    openRejects: row.open_rejects,
    lastExecutionId: row.last_execution_id,
    lastStatus: row.last_status,
    lastReason: row.last_reason,
    checkpoint:
      row.windows_total === 0
        ? null
        : { windowsDone: row.windows_done, windowsTotal: row.windows_total, rowsLeft: row.rows_left },
    lastApiCalls: row.api_calls === null ? null : Math.max(1, Math.ceil(row.api_calls)),
    callsPerSecond: LIST_BUCKET.leakPerSecond,
    blockedUntilMs: row.blocked_until,
  };
}

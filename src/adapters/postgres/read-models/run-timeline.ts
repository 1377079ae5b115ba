import { sql } from 'slonik';
import { z } from 'zod';
import type { FailureReason } from '../../../domain/failure.ts';
import type { ExecutionStatus } from '../../../domain/execution.ts';
import { WINDOW_STATES, type WindowState } from '../../../domain/window.ts';
import type { ExecutionRecord } from '../execution-record.ts';
import type { QueryPool } from '../pool.ts';
import { REQUEST_STATES, RETRY_KINDS, type RequestState, type RetryKind } from '../retry-request.ts';

/** What happened to an execution. */
export type RunEvent =
  | { readonly kind: 'requested'; readonly atMs: number; readonly requestedBy: string }
  | { readonly kind: 'launched'; readonly atMs: number; readonly jobName: string | null }
  | { readonly kind: 'started'; readonly atMs: number }
  | { readonly kind: 'windowSettled'; readonly atMs: number; readonly n: number; readonly state: WindowState }
  /** Windows beyond the first of them, the last of which settled at `atMs`. */
  | { readonly kind: 'windowsSettled'; readonly atMs: number; readonly count: number }
  | {
      readonly kind: 'ended';
      readonly atMs: number;
      readonly status: ExecutionStatus;
      readonly reason: FailureReason | null;
    }
  /** Someone asked for the instance to be run. */
  | ({ readonly kind: 'retryRequested' } & RetryMention);

export interface RetryMention {
  readonly atMs: number;
  readonly requestId: number;
  /** Of the click that the request belongs to. */
  readonly key: string;
  readonly requestKind: RetryKind;
  readonly requestedBy: string;
  readonly reason: string;
  readonly state: RequestState;
  /** What came of it for this mall; null until then. */
  readonly result: string | null;
  /** The execution that it led to. */
  readonly executionId: number | null;
}

const MOST_WINDOW_EVENTS = 100;

/** Oldest first. */
export async function loadTimeline(
  pool: QueryPool,
  run: ExecutionRecord,
  launchedAtMs: number | null,
): Promise<readonly RunEvent[]> {
  const [windows, mentions] = await Promise.all([listSettled(pool, run), listMentions(pool, run)]);
  const { requestedAtMs, requestedBy, startedAtMs, endedAtMs, status, failureReason: reason, jobName } = run;
  const events: readonly (RunEvent | null)[] = [
    { kind: 'requested', atMs: requestedAtMs, requestedBy },
    launchedAtMs === null ? null : { kind: 'launched', atMs: launchedAtMs, jobName },
    startedAtMs === null ? null : { kind: 'started', atMs: startedAtMs },
    ...shorten(windows),
    endedAtMs === null ? null : { kind: 'ended', atMs: endedAtMs, status, reason },
    ...mentions.map((mention) => ({ kind: 'retryRequested' as const, ...mention })),
  ];
  return events.filter((event) => event !== null).toSorted((a, b) => a.atMs - b.atMs);
}

interface SettledWindow {
  readonly n: number;
  readonly state: WindowState;
  readonly atMs: number;
}

function shorten(windows: readonly SettledWindow[]): readonly RunEvent[] {
  const shown = windows.slice(0, MOST_WINDOW_EVENTS).map((window) => ({ kind: 'windowSettled' as const, ...window }));
  const last = windows.at(-1);
  const count = windows.length - shown.length;
  return last === undefined || count === 0 ? shown : [...shown, { kind: 'windowsSettled', atMs: last.atMs, count }];
}

const settledRow = z
  .object({ n: z.int(), state: z.enum(WINDOW_STATES), settled_at: z.number() })
  .transform(({ n, state, settled_at: atMs }): SettledWindow => ({ n, state, atMs }));

/** The windows that this execution settled itself. */
async function listSettled(pool: QueryPool, run: ExecutionRecord): Promise<readonly SettledWindow[]> {
  return await pool.any(sql.type(settledRow)`
    select w.n, w.state, w.settled_at
    from mallsync.tb_batch_execution_summary e
    join mallsync.tb_batch_window w on w.instance_id = e.instance_id and w.reading = e.reading
    where e.execution_id = ${run.executionId} and w.execution_id = e.execution_id and w.settled_at is not null
    order by w.settled_at, w.n`);
}

const mentionRow = z
  .object({
    requested_at: z.number(),
    request_id: z.int(),
    key: z.string(),
    kind: z.enum(RETRY_KINDS),
    requested_by: z.string(),
    reason: z.string(),
    state: z.enum(REQUEST_STATES),
    result: z.string().nullable(),
    execution_id: z.int().nullable(),
  })
  .transform((row): RetryMention => ({
    atMs: row.requested_at,
    requestId: row.request_id,
    key: row.key,
    requestKind: row.kind,
    requestedBy: row.requested_by,
    reason: row.reason,
    state: row.state,
    result: row.result,
    executionId: row.execution_id,
  }));

/** Requests that led to the instance, and open ones that ask for it; an instance is known once a server took it up. */
async function listMentions(
  pool: QueryPool,
  { instanceId, mallId, domainType, startDate, endDate }: ExecutionRecord,
): Promise<readonly RetryMention[]> {
  return await pool.any(sql.type(mentionRow)`
    select r.requested_at, r.request_id, split_part(r.idempotency_key, ' ', 1) as key, r.kind, r.requested_by, r.reason,
      r.state, i.result, i.execution_id
    from mallsync.tb_batch_retry_request_item i join mallsync.tb_batch_retry_request r on r.request_id = i.request_id
    where i.instance_id = ${instanceId}
    union
    select r.requested_at, r.request_id, split_part(r.idempotency_key, ' ', 1), r.kind, r.requested_by, r.reason, r.state,
      i.result, i.execution_id
    from mallsync.tb_batch_retry_request r
    join mallsync.tb_batch_retry_request_item i on i.request_id = r.request_id and i.mall_id = ${mallId}
    where r.state in ('PENDING', 'ACCEPTED') and r.domain_type = ${domainType} and r.start_date = ${startDate}
      and r.end_date = ${endDate}
    order by request_id`);
}

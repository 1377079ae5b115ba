import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import type { DomainType } from '../../../domain/domain-type.ts';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../../domain/execution.ts';
import type { QueryPool } from '../pool.ts';
import {
  retryItemRow,
  retryRequestRow,
  toRetryRequest,
  type RequestState,
  type RetryItem,
  type RetryKind,
  type RetryRequest,
} from '../retry-request.ts';

/** Items by what became of them. */
export interface ClickTally {
  readonly pending: number;
  readonly accepted: number;
  readonly running: number;
  /** Ended well, or was complete already. */
  readonly done: number;
  readonly refused: number;
  /** Its run failed, or was stopped though the click did not ask for that. */
  readonly failed: number;
}

/** One click, or one `rerun`: the requests that one idempotency key stands for. */
export interface ClickSummary {
  readonly key: string;
  /** The newest of its requests: to be given as `beforeId` for what is older. */
  readonly newestRequestId: number;
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  readonly kind: RetryKind;
  readonly reason: string;
  /** PENDING or ACCEPTED while one of its requests is, REFUSED when all were. */
  readonly state: RequestState;
  readonly requests: readonly RequestSummary[];
  readonly tally: ClickTally;
}

export interface RequestSummary {
  readonly requestId: number;
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  readonly state: RequestState;
  readonly malls: number;
}

export interface ClickItem extends RetryItem {
  /** Empty when the mall is not registered. */
  readonly mallName: string;
  readonly cafe24MallId: string;
  /** Of its execution; null where there is none. */
  readonly executionStatus: ExecutionStatus | null;
}

export interface ClickRequest extends Omit<RetryRequest, 'items'> {
  readonly items: readonly ClickItem[];
}

export interface Click extends Omit<ClickSummary, 'requests'> {
  readonly requests: readonly ClickRequest[];
}

export interface ClickQuery {
  /** Clicks with a request in one of these states. */
  readonly states?: readonly RequestState[] | undefined;
  /** `nextBeforeId` of the page before. */
  readonly beforeId?: number | undefined;
  readonly limit: number;
}

export interface ClickPage {
  /** Newest first. */
  readonly clicks: readonly ClickSummary[];
  /** Null at the end. */
  readonly nextBeforeId: number | null;
}

const CLICK_KEY = sql.fragment`split_part(request.idempotency_key, ' ', 1)`;

export async function listClicks(pool: QueryPool, query: ClickQuery): Promise<ClickPage> {
  const { states, beforeId, limit } = query;
  const conditions = [
    states && sql.fragment`request.state = any(${sql.array([...states], 'text')})`,
    beforeId === undefined ? undefined : sql.fragment`request.request_id < ${beforeId}`,
  ].filter((condition) => condition !== undefined);
  const keys = await pool.any(sql.type(z.object({ key: z.string(), request_id: z.int() }))`
    select ${CLICK_KEY} as key, request.request_id from mallsync.tb_batch_retry_request request
    where ${sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `)} and not exists (
      select from mallsync.tb_batch_retry_request later
      where split_part(later.idempotency_key, ' ', 1) = ${CLICK_KEY} and later.request_id > request.request_id
        ${states === undefined ? sql.fragment`` : sql.fragment`and later.state = any(${sql.array([...states], 'text')})`})
    order by request.request_id desc limit ${limit + 1}`);
  const shown = keys.slice(0, limit);
  const clicks = await loadClicks(
    pool,
    shown.map(({ key }) => key),
  );
  const byKey = new Map(clicks.map((click) => [click.key, click]));
  return {
    clicks: shown.flatMap(({ key }) => toSummary(byKey.get(key))),
    nextBeforeId: keys.length > limit ? (shown.at(-1)?.request_id ?? null) : null,
  };
}

export async function loadClick(pool: QueryPool, key: string): Promise<Click | null> {
  const [click] = await loadClicks(pool, [key]);
  return click ?? null;
}

function toSummary(click: Click | undefined): readonly ClickSummary[] {
  if (click === undefined) return [];
  const requests = click.requests.map(({ requestId, domainType, startDate, endDate, state, items }) => ({
    requestId,
    domainType,
    startDate,
    endDate,
    state,
    malls: items.length,
  }));
  return [{ ...click, requests }];
}

const clickRow = retryRequestRow.extend({
  key: z.string(),
  items: z.array(
    retryItemRow.extend({
      mallName: z.string(),
      cafe24MallId: z.string(),
      executionStatus: z.enum(EXECUTION_STATUSES).nullable(),
    }),
  ),
});
type ClickRow = z.infer<typeof clickRow>;

const ITEMS: FragmentSqlToken = sql.fragment`(
  select coalesce(jsonb_agg(jsonb_build_object('mallId', item.mall_id, 'state', item.state,
      'instanceId', item.instance_id, 'executionId', item.execution_id, 'result', item.result,
      'mallName', coalesce(mall.name, ''), 'cafe24MallId', coalesce(mall.cafe24_mall_id, ''),
      'executionStatus', execution.status) order by item.mall_id), '[]')
  from mallsync.tb_batch_retry_request_item item
  left join mallsync.tb_mall_config mall on mall.mall_id = item.mall_id
  left join mallsync.tb_batch_execution_summary execution on execution.execution_id = item.execution_id
  where item.request_id = request.request_id)`;

/** In no particular order. */
async function loadClicks(pool: QueryPool, keys: readonly string[]): Promise<readonly Click[]> {
  const rows = await pool.any(sql.type(clickRow)`
    select ${CLICK_KEY} as key, request.request_id, request.kind, request.domain_type, request.start_date,
      request.end_date, request.page_size, request.fingerprints, request.requested_by, request.reason, request.state,
      request.requested_at, request.done_at, ${ITEMS} as items
    from mallsync.tb_batch_retry_request request
    where ${CLICK_KEY} = any(${sql.array([...keys], 'text')}) order by request.request_id`);
  return [...Map.groupBy(rows, ({ key }) => key).values()].map(toClick);
}

function toClick(rows: readonly ClickRow[]): Click {
  const requests = rows.map((row) => ({ ...toRetryRequest(row), items: row.items }));
  const first = rows[0];
  if (first === undefined) throw new RangeError('a click has at least one request');
  return {
    key: first.key,
    newestRequestId: rows.at(-1)?.request_id ?? first.request_id,
    requestedBy: first.requested_by,
    requestedAtMs: first.requested_at,
    kind: first.kind,
    reason: first.reason,
    state: toClickState(requests.map(({ state }) => state)),
    requests,
    tally: tally(requests.flatMap(({ kind, items }) => items.map((item) => toOutcome(kind, item)))),
  };
}

function toClickState(states: readonly RequestState[]): RequestState {
  if (states.includes('ACCEPTED')) return 'ACCEPTED';
  if (states.includes('PENDING')) return 'PENDING';
  return states.includes('DONE') ? 'DONE' : 'REFUSED';
}

function toOutcome(kind: RetryKind, { state, executionStatus: status }: ClickItem): keyof ClickTally {
  switch (state) {
    case 'PENDING':
      return 'pending';
    case 'ACCEPTED':
      return 'accepted';
    case 'RUNNING':
      return 'running';
    case 'REFUSED':
      return 'refused';
    case 'DONE':
      if (status === 'STOPPED') return kind === 'STOP' ? 'done' : 'failed';
      return status === 'FAILED' || status === 'ABANDONED' ? 'failed' : 'done';
    default:
      return state satisfies never;
  }
}

function tally(outcomes: readonly (keyof ClickTally)[]): ClickTally {
  const count = (outcome: keyof ClickTally): number => outcomes.filter((each) => each === outcome).length;
  return {
    pending: count('pending'),
    accepted: count('accepted'),
    running: count('running'),
    done: count('done'),
    refused: count('refused'),
    failed: count('failed'),
  };
}

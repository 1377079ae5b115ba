import { sql } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../domain/domain-type.ts';
import { TerminalError } from '../../domain/errors.ts';
import { RETRY_REQUEST_CHANNEL } from './listen.ts';
import type { Queries } from './pool.ts';

export const RETRY_KINDS = ['RUN', 'RESUME', 'REPROCESS', 'REPLAY_REJECTED', 'STOP'] as const;
export type RetryKind = (typeof RETRY_KINDS)[number];
export const REQUEST_STATES = ['PENDING', 'ACCEPTED', 'DONE', 'REFUSED'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];
export const ITEM_STATES = ['PENDING', 'ACCEPTED', 'RUNNING', 'DONE', 'REFUSED'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** Someone's wish to run malls again: one domain type and period, one item a mall. */
export interface RetryWish {
  readonly kind: RetryKind;
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  readonly pageSize: number;
  /** REPLAY_REJECTED: only these groups; null for all. */
  readonly fingerprints: readonly string[] | null;
  readonly mallIds: readonly number[];
  readonly requestedBy: string;
  readonly reason: string;
}

export interface RetryItem {
  readonly mallId: number;
  readonly state: ItemState;
  readonly instanceId: number | null;
  readonly executionId: number | null;
  /** What came of it, for a person. */
  readonly result: string | null;
}

export interface RetryRequest extends Omit<RetryWish, 'mallIds'> {
  readonly requestId: number;
  readonly state: RequestState;
  readonly requestedAtMs: number;
  readonly doneAtMs: number | null;
  /** In order of mallId. */
  readonly items: readonly RetryItem[];
}

export interface RetryRequests {
  /**
   * The same key is the same request, however often it is sent.
   * @throws TerminalError ConfigInvalid when the key stands for another wish, or there is no mall in it
   */
  create(idempotencyKey: string, wish: RetryWish): Promise<{ readonly requestId: number; readonly isNew: boolean }>;
  /** The oldest PENDING request of these kinds, now ACCEPTED and the caller's; null when there is none that no rival is taking. */
  takePending(kinds?: readonly RetryKind[]): Promise<RetryRequest | null>;
  /**
   * Makes ACCEPTED requests PENDING again that nobody has reported on for `idleSeconds`, for their server is gone; one
   * that a MallSync was admitted for is reported on in the end. Items that are done stay done. @returns how many
   */
  reopenAbandoned(idleSeconds: number): Promise<number>;
  /** What is DONE or REFUSED stays as it is: a sign of life that comes late must not bring the item back to life. */
  saveItem(requestId: number, item: RetryItem): Promise<void>;
  /** REFUSED when all of its items were, else DONE; its items are final by then. */
  finish(requestId: number): Promise<void>;
  find(requestId: number): Promise<RetryRequest | null>;
  /** Newest first. */
  list(
    filter: { readonly states?: readonly RequestState[]; readonly beforeId?: number },
    limit: number,
  ): Promise<readonly RetryRequest[]>;
}

export function createRetryRequests({ pool }: { readonly pool: Queries }): RetryRequests {
  return {
    async create(idempotencyKey, wish) {
      if (wish.mallIds.length === 0) throw new TerminalError('ConfigInvalid', 'a request needs at least one mall');
      const requestId = await insertRequest(pool, idempotencyKey, wish);
      if (requestId !== null) return { requestId, isNew: true };
      return { requestId: await findSame(pool, idempotencyKey, wish), isNew: false };
    },
    async takePending(kinds = RETRY_KINDS) {
      const requestId = await acceptOldest(pool, kinds);
      return requestId === null ? null : await findRequest(pool, requestId);
    },
    reopenAbandoned: (idleSeconds) => reopenAbandoned(pool, idleSeconds),
    saveItem: (requestId, item) => saveItem(pool, requestId, item),
    finish: (requestId) => finish(pool, requestId),
    find: (requestId) => findRequest(pool, requestId),
    list: (filter, limit) => listRequests(pool, filter.states ?? REQUEST_STATES, filter.beforeId ?? null, limit),
  };
}

const idRow = z.object({ request_id: z.number() });

async function insertRequest(pool: Queries, idempotencyKey: string, wish: RetryWish): Promise<number | null> {
  return await pool.maybeOneFirst(sql.type(idRow)`
    with request as (
      insert into mallsync.tb_batch_retry_request (idempotency_key, kind, domain_type, start_date, end_date, page_size,
        fingerprints, requested_by, reason)
      values (${idempotencyKey}, ${wish.kind}, ${wish.domainType}, ${wish.startDate}, ${wish.endDate}, ${wish.pageSize},
        ${toTextArray(wish.fingerprints)}, ${wish.requestedBy}, ${wish.reason})
      on conflict (idempotency_key) do nothing returning request_id
    ), items as (
      insert into mallsync.tb_batch_retry_request_item (request_id, mall_id)
      select distinct request_id, mall_id from request, unnest(${toIdArray(wish.mallIds)}) as mall_id
    )
    select request_id from request, pg_notify(${RETRY_REQUEST_CHANNEL}, request_id::text)`);
}

function toTextArray(texts: readonly string[] | null) {
  return texts === null ? null : sql.array([...texts], 'text');
}

function toIdArray(ids: readonly number[]) {
  return sql.array([...ids], 'int8');
}

async function findSame(pool: Queries, idempotencyKey: string, wish: RetryWish): Promise<number> {
  const row = await pool.one(sql.type(z.object({ request_id: z.number(), is_same: z.boolean() }))`
    select request_id, (kind, domain_type, start_date, end_date, page_size) = (${wish.kind}, ${wish.domainType},
        ${wish.startDate}, ${wish.endDate}, ${wish.pageSize}::integer)
      and fingerprints is not distinct from ${toTextArray(wish.fingerprints)}
      and (select array_agg(mall_id order by mall_id) from mallsync.tb_batch_retry_request_item i
        where i.request_id = r.request_id)
        = (select array_agg(distinct mall_id order by mall_id) from unnest(${toIdArray(wish.mallIds)}) mall_id) as is_same
    from mallsync.tb_batch_retry_request r where idempotency_key = ${idempotencyKey}`);
  if (row.is_same) return row.request_id;
  throw new TerminalError(
    'ConfigInvalid',
    `the idempotency key ${JSON.stringify(idempotencyKey)} stands for request ${row.request_id}, which asks for something else`,
  );
}

async function acceptOldest(pool: Queries, kinds: readonly RetryKind[]): Promise<number | null> {
  return await pool.maybeOneFirst(sql.type(idRow)`
    with taken as (
      update mallsync.tb_batch_retry_request set state = 'ACCEPTED', accepted_at = now()
      where request_id = (
        select request_id from mallsync.tb_batch_retry_request where state = 'PENDING'
          and kind = any(${toTextArray(kinds)})
        order by request_id limit 1 for update skip locked
      )
      returning request_id
    ), items as (
      update mallsync.tb_batch_retry_request_item i set state = 'ACCEPTED', updated_at = now()
      from taken where i.request_id = taken.request_id and i.state = 'PENDING'
    )
    select request_id from taken`);
}

async function reopenAbandoned(pool: Queries, idleSeconds: number): Promise<number> {
  const result = await pool.query(sql.unsafe`
    update mallsync.tb_batch_retry_request r set state = 'PENDING'
    where state = 'ACCEPTED' and accepted_at <= now() - make_interval(secs => ${idleSeconds}::float8)
      and not exists (select from mallsync.tb_batch_retry_request_item i
        where i.request_id = r.request_id and i.updated_at > now() - make_interval(secs => ${idleSeconds}::float8))
      and not exists (select from mallsync.tb_mallsync m where m.retry_request_id = r.request_id)`);
  return result.rowCount;
}

async function saveItem(pool: Queries, requestId: number, item: RetryItem): Promise<void> {
  await pool.query(sql.unsafe`
    update mallsync.tb_batch_retry_request_item
    set state = ${item.state}, instance_id = ${item.instanceId}, execution_id = ${item.executionId},
      result = ${item.result}, updated_at = now()
    where request_id = ${requestId} and mall_id = ${item.mallId} and state not in ('DONE', 'REFUSED')`);
}

async function finish(pool: Queries, requestId: number): Promise<void> {
  await pool.query(sql.unsafe`
    update mallsync.tb_batch_retry_request r
    set done_at = now(), state = (select case when bool_and(i.state = 'REFUSED') then 'REFUSED' else 'DONE' end
      from mallsync.tb_batch_retry_request_item i where i.request_id = r.request_id)
    where request_id = ${requestId} and state = 'ACCEPTED'`);
}

export const retryItemRow = z.object({
  mallId: z.int(),
  state: z.enum(ITEM_STATES),
  instanceId: z.int().nullable(),
  executionId: z.int().nullable(),
  result: z.string().nullable(),
});

export const retryRequestRow = z.object({
  request_id: z.int(),
  kind: z.enum(RETRY_KINDS),
  domain_type: z.enum(DOMAIN_TYPES),
  start_date: z.string(),
  end_date: z.string(),
  page_size: z.int(),
  fingerprints: z.array(z.string()).nullable(),
  requested_by: z.string(),
  reason: z.string(),
  state: z.enum(REQUEST_STATES),
  requested_at: z.number(),
  done_at: z.number().nullable(),
  items: z.array(retryItemRow),
});

export function toRetryRequest(row: z.infer<typeof retryRequestRow>): RetryRequest {
  return {
    requestId: row.request_id,
    kind: row.kind,
    domainType: row.domain_type,
    startDate: row.start_date,
    endDate: row.end_date,
    pageSize: row.page_size,
    fingerprints: row.fingerprints,
    requestedBy: row.requested_by,
    reason: row.reason,
    state: row.state,
    requestedAtMs: row.requested_at,
    doneAtMs: row.done_at,
    items: row.items,
  };
}

const requestRow = retryRequestRow.transform(toRetryRequest);

const requestColumns = sql.fragment`request_id, kind, domain_type, start_date, end_date, page_size, fingerprints,
  requested_by, reason, state, requested_at, done_at,
  (select coalesce(jsonb_agg(jsonb_build_object('mallId', i.mall_id, 'state', i.state, 'instanceId', i.instance_id,
      'executionId', i.execution_id, 'result', i.result) order by i.mall_id), '[]')
    from mallsync.tb_batch_retry_request_item i where i.request_id = r.request_id) as items`;

async function findRequest(pool: Queries, requestId: number): Promise<RetryRequest | null> {
  return await pool.maybeOne(sql.type(requestRow)`
    select ${requestColumns} from mallsync.tb_batch_retry_request r where request_id = ${requestId}`);
}

async function listRequests(
  pool: Queries,
  states: readonly RequestState[],
  beforeId: number | null,
  limit: number,
): Promise<readonly RetryRequest[]> {
  return await pool.any(sql.type(requestRow)`
    select ${requestColumns} from mallsync.tb_batch_retry_request r
    where state = any(${sql.array([...states], 'text')}) and request_id < coalesce(${beforeId}::bigint, 9223372036854775807)
    order by request_id desc limit ${limit}`);
}

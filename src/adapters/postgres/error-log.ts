import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../domain/domain-type.ts';
import { STAGES, type Stage } from '../../domain/row-error.ts';
import type { QueryPool } from './pool.ts';

export const ERROR_STATUSES = ['OPEN', 'REPLAYED', 'IGNORED'] as const;
export type ErrorStatus = (typeof ERROR_STATUSES)[number];

/** What is undefined does not narrow. */
export interface ErrorFilter {
  readonly mallId?: number | undefined;
  readonly domainType?: DomainType | undefined;
  readonly fingerprint?: string | undefined;
  readonly status?: ErrorStatus | undefined;
  readonly executionId?: number | undefined;
}

/** One row failure, or where `rowKey` and `shopNo` are null the failure of a whole execution. */
export interface ErrorEntry {
  readonly errorId: number;
  readonly mallId: number;
  readonly domainType: DomainType;
  /** The execution that met it last. */
  readonly executionId: number;
  readonly rowKey: string | null;
  readonly stage: Stage;
  readonly reasonCode: string;
  readonly field: string | null;
  readonly fingerprint: string;
  readonly message: string;
  /** Masked. */
  readonly payload: unknown;
  readonly shopNo: number | null;
  readonly dateType: string | null;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  readonly times: number;
  readonly status: ErrorStatus;
  readonly statusBy: string | null;
  readonly statusAtMs: number | null;
}

export interface ErrorPage {
  /** Newest first. */
  readonly entries: readonly ErrorEntry[];
  /** To be given as `beforeId` for the next page; null at the end. */
  readonly nextBeforeId: number | null;
}

/** All entries of one cause. */
export interface ErrorGroup {
  readonly fingerprint: string;
  readonly domainType: DomainType;
  readonly stage: Stage;
  readonly reasonCode: string;
  readonly field: string | null;
  readonly entries: number;
  readonly times: number;
  readonly malls: number;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  /** The message of its newest entry. */
  readonly sampleMessage: string;
}

export type ErrorSelection =
  | { readonly kind: 'group'; readonly fingerprint: string; readonly mallId?: number | undefined }
  | { readonly kind: 'entries'; readonly errorIds: readonly number[] };

export interface ErrorLog {
  listEntries(filter: ErrorFilter, limit: number, beforeId?: number): Promise<ErrorPage>;
  /** The largest group first. */
  listGroups(filter: ErrorFilter): Promise<readonly ErrorGroup[]>;
  /** OPEN → IGNORED: no replay takes them, no alert counts them. @returns how many were changed */
  ignore(selection: ErrorSelection, actor: string): Promise<number>;
  /** IGNORED → OPEN. @returns how many were changed */
  reopen(selection: ErrorSelection, actor: string): Promise<number>;
}

export function createErrorLog({ pool }: { readonly pool: QueryPool }): ErrorLog {
  return {
    async listEntries(filter, limit, beforeId) {
      const rows = await selectEntries(pool, filter, limit + 1, beforeId ?? null);
      const entries = rows.slice(0, limit);
      return { entries, nextBeforeId: rows.length > limit ? (entries.at(-1)?.errorId ?? null) : null };
    },
    listGroups: (filter) => selectGroups(pool, filter),
    ignore: (selection, actor) => saveStatus(pool, selection, { from: 'OPEN', to: 'IGNORED', actor }),
    reopen: (selection, actor) => saveStatus(pool, selection, { from: 'IGNORED', to: 'OPEN', actor }),
  };
}

const entryRow = z
  .object({
    error_id: z.number(),
    mall_id: z.number(),
    domain_type: z.enum(DOMAIN_TYPES),
    execution_id: z.number(),
    row_key: z.string().nullable(),
    stage: z.enum(STAGES),
    reason_code: z.string(),
    field: z.string().nullable(),
    fingerprint: z.string(),
    message: z.string(),
    payload: z.unknown(),
    shop_no: z.number().nullable(),
    date_type: z.string().nullable(),
    first_seen_at: z.number(),
    last_seen_at: z.number(),
    times: z.number(),
    status: z.enum(ERROR_STATUSES),
    status_by: z.string().nullable(),
    status_at: z.number().nullable(),
  })
  .transform((row): ErrorEntry => ({
    errorId: row.error_id,
    mallId: row.mall_id,
    domainType: row.domain_type,
    executionId: row.execution_id,
    rowKey: row.row_key,
    stage: row.stage,
    reasonCode: row.reason_code,
    field: row.field,
    fingerprint: row.fingerprint,
    message: row.message,
    payload: row.payload,
    shopNo: row.shop_no,
    dateType: row.date_type,
    firstSeenAtMs: row.first_seen_at,
    lastSeenAtMs: row.last_seen_at,
    times: row.times,
    status: row.status,
    statusBy: row.status_by,
    statusAtMs: row.status_at,
  }));

async function selectEntries(
  pool: QueryPool,
  filter: ErrorFilter,
  limit: number,
  beforeId: number | null,
): Promise<readonly ErrorEntry[]> {
  const before = beforeId === null ? [] : [sql.fragment`error_id < ${beforeId}`];
  return await pool.any(sql.type(entryRow)`
    select error_id, mall_id, domain_type, execution_id, row_key, stage, reason_code, field, fingerprint, message, payload,
      shop_no, date_type, first_seen_at, last_seen_at, times, status, status_by, status_at
    from mallsync.tb_batch_error_log where ${joinConditions([...toConditions(filter), ...before])}
    order by error_id desc limit ${limit}`);
}

const groupRow = z
  .object({
    fingerprint: z.string(),
    domain_type: z.enum(DOMAIN_TYPES),
    stage: z.enum(STAGES),
    reason_code: z.string(),
    field: z.string().nullable(),
    entries: z.number(),
    times: z.number(),
    malls: z.number(),
    first_seen_at: z.number(),
    last_seen_at: z.number(),
    sample_message: z.string(),
  })
  .transform((row): ErrorGroup => ({
    fingerprint: row.fingerprint,
    domainType: row.domain_type,
    stage: row.stage,
    reasonCode: row.reason_code,
    field: row.field,
    entries: row.entries,
    times: row.times,
    malls: row.malls,
    firstSeenAtMs: row.first_seen_at,
    lastSeenAtMs: row.last_seen_at,
    sampleMessage: row.sample_message,
  }));

async function selectGroups(pool: QueryPool, filter: ErrorFilter): Promise<readonly ErrorGroup[]> {
  return await pool.any(sql.type(groupRow)`
    select fingerprint, min(domain_type) as domain_type, min(stage) as stage, min(reason_code) as reason_code,
      min(field) as field, count(*) as entries, sum(times) as times, count(distinct mall_id) as malls,
      min(first_seen_at) as first_seen_at, max(last_seen_at) as last_seen_at,
      (array_agg(message order by error_id desc))[1] as sample_message
    from mallsync.tb_batch_error_log where ${joinConditions(toConditions(filter))}
    group by fingerprint order by entries desc, fingerprint`);
}

/** Locks the entries in the order in which pages write them, so that the two do not wait for each other. */
async function saveStatus(
  pool: QueryPool,
  selection: ErrorSelection,
  change: { readonly from: ErrorStatus; readonly to: ErrorStatus; readonly actor: string },
): Promise<number> {
  const conditions =
    selection.kind === 'entries'
      ? [sql.fragment`error_id = any(${sql.array([...selection.errorIds], 'int8')})`]
      : toConditions(selection);
  const result = await pool.query(sql.unsafe`
    update mallsync.tb_batch_error_log set status = ${change.to}, status_by = ${change.actor}, status_at = now()
    where status = ${change.from} and error_id in (
      select error_id from mallsync.tb_batch_error_log
      where ${joinConditions(conditions)} and status = ${change.from}
      order by mall_id, domain_type, fingerprint, row_identity for update)`);
  return result.rowCount;
}

function toConditions(filter: ErrorFilter): readonly FragmentSqlToken[] {
  return [
    filter.mallId === undefined ? null : sql.fragment`mall_id = ${filter.mallId}`,
    filter.domainType === undefined ? null : sql.fragment`domain_type = ${filter.domainType}`,
    filter.fingerprint === undefined ? null : sql.fragment`fingerprint = ${filter.fingerprint}`,
    filter.status === undefined ? null : sql.fragment`status = ${filter.status}`,
    filter.executionId === undefined ? null : sql.fragment`execution_id = ${filter.executionId}`,
  ].filter((condition) => condition !== null);
}

function joinConditions(conditions: readonly FragmentSqlToken[]) {
  return sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `);
}

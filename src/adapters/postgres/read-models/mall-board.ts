import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { CREDENTIAL_STATES, type CredentialState } from '../../../domain/credential.ts';
import { DOMAIN_TYPES, type DomainType } from '../../../domain/domain-type.ts';
import type { FailureReason } from '../../../domain/failure.ts';
import { DAY_MS } from '../../../domain/seoul-time.ts';
import { RECORD_COLUMNS, recordRow, type ExecutionRecord } from '../execution-record.ts';
import { failureReason } from '../execution-end.ts';
import type { QueryPool } from '../pool.ts';
import { parseMallCursor, toMallCursor } from './mall-cursor.ts';

export const MALL_STATES = [...CREDENTIAL_STATES, 'NO_CREDENTIAL'] as const;
/** How a mall's consent stands. */
export type MallState = (typeof MALL_STATES)[number];

/** What is undefined does not narrow. */
export interface MallBoardFilter {
  /** A part of the name or of Cafe24's id, or our number. */
  readonly search?: string | undefined;
  readonly state?: MallState | undefined;
  /** Malls that take it; `isLate` then speaks of it alone. */
  readonly domainType?: DomainType | undefined;
  readonly isLate?: boolean | undefined;
  readonly active?: boolean | undefined;
}

/** What lateness is judged by. */
export interface FreshnessTarget {
  readonly nowMs: number;
  /** The age of the last complete period's end above which an active mall is late. */
  readonly targetHours: number;
}

export interface MallBoardQuery extends MallBoardFilter, FreshnessTarget {
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface MallFreshness {
  readonly domainType: DomainType;
  readonly lastCompleteEndMs: number | null;
  readonly ageHours: number | null;
  /** Never for an inactive mall. One that was never read is late when it is itself older than the target. */
  readonly isLate: boolean;
  readonly openRejects: number;
}

export interface MallCredential {
  readonly state: CredentialState;
  readonly refreshExpiresAtMs: number | null;
  /** Whole days that are left of the refresh token, 0 when it is over. */
  readonly daysLeft: number | null;
  readonly lastRefreshedAtMs: number | null;
}

export interface MallFailure {
  readonly reason: FailureReason | null;
  readonly executionId: number;
  readonly atMs: number;
  /** A later execution of the same period took it up. */
  readonly isMended: boolean;
}

export interface MallBoardRow {
  readonly mallId: number;
  readonly cafe24MallId: string;
  readonly name: string;
  readonly active: boolean;
  readonly createdAtMs: number;
  readonly domainTypes: readonly DomainType[];
  readonly labels: Readonly<Record<string, string>>;
  /** Null: the mall was never authorized. */
  readonly credential: MallCredential | null;
  /** One a domain type that the mall takes. */
  readonly freshness: readonly MallFreshness[];
  /** Its newest failed execution. */
  readonly lastFailure: MallFailure | null;
}

/** Over all malls, whatever the filter. */
export interface MallTotals {
  readonly malls: number;
  readonly active: number;
  readonly inactive: number;
  /** Active malls late in any domain type. */
  readonly late: number;
  /** Active malls by what their consent lacks. */
  readonly needsConsent: number;
  readonly uninstalled: number;
  readonly noCredential: number;
  /** Malls that fit the filter. */
  readonly matching: number;
}

export interface MallBoardPage {
  /** In order of mallId. */
  readonly rows: readonly MallBoardRow[];
  readonly next: string | null;
  readonly totals: MallTotals;
}

const freshnessRow = z.object({
  domain_type: z.enum(DOMAIN_TYPES),
  end_ms: z.number().nullable(),
  is_late: z.boolean(),
  open_rejects: z.number(),
});

const boardRow = z.object({
  mall_id: z.number(),
  cafe24_mall_id: z.string(),
  name: z.string(),
  active: z.boolean(),
  created_at: z.number(),
  domain_types: z.array(z.enum(DOMAIN_TYPES)),
  labels: z.record(z.string(), z.string()),
  state: z.enum(CREDENTIAL_STATES).nullable(),
  refresh_expires_at: z.number().nullable(),
  last_refreshed_at: z.number().nullable(),
  freshness: z.array(freshnessRow),
  failed_execution_id: z.number().nullable(),
  failed_reason: failureReason.nullable(),
  failed_at: z.number().nullable(),
  failure_is_mended: z.boolean().nullable(),
});

/** @throws TerminalError ConfigInvalid naming `cursor` for one that no page gave */
export async function listMallBoard(pool: QueryPool, query: MallBoardQuery): Promise<MallBoardPage> {
  const after = query.cursor === undefined ? null : parseMallCursor(query.cursor);
  const page = sql.fragment`${joinConditions(query)} and board.mall_id > coalesce(${after}::bigint, 0)`;
  const [totals, rows] = await Promise.all([loadTotals(pool, query), selectRows(pool, query, page, query.limit + 1)]);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return { rows: shown, totals, next: rows.length > query.limit && last ? toMallCursor(last.mallId) : null };
}

export interface MallDetail extends MallBoardRow {
  /** Of every domain type, the newest first. */
  readonly recentRuns: readonly ExecutionRecord[];
}

/** Null where there is no such mall. */
export async function loadMallBoard(
  pool: QueryPool,
  mallId: number,
  target: FreshnessTarget,
  recentRuns = 20,
): Promise<MallDetail | null> {
  const [row] = await selectRows(pool, target, sql.fragment`board.mall_id = ${mallId}`, 1, mallId);
  return row === undefined ? null : { ...row, recentRuns: await listRecentRuns(pool, mallId, recentRuns) };
}

/** By the index of each domain type, so that no history of other malls is walked through. */
async function listRecentRuns(pool: QueryPool, mallId: number, limit: number): Promise<readonly ExecutionRecord[]> {
  return await pool.any(sql.type(recordRow)`
    select ${RECORD_COLUMNS}
    from unnest(${sql.array([...DOMAIN_TYPES], 'text')}) as known (domain_type)
    cross join lateral (
      select * from mallsync.tb_batch_execution_summary as each
      where each.mall_id = ${mallId} and each.domain_type = known.domain_type
      order by each.execution_id desc limit ${limit}
    ) as execution
    order by execution.execution_id desc limit ${limit}`);
}

/** Each mall with its freshness; `mallId` null means all of them. */
function buildBoard({ nowMs, targetHours }: FreshnessTarget, mallId: number | null): FragmentSqlToken {
  return sql.fragment`
    select mall.mall_id, mall.cafe24_mall_id, mall.name, mall.active, mall.created_at, mall.domain_types, mall.labels,
      credential.state, credential.refresh_expires_at, credential.last_refreshed_at, fresh.freshness, fresh.late
    from mallsync.tb_mall_config as mall
    left join mallsync.tb_mall_credential as credential on credential.mall_id = mall.mall_id
    cross join lateral (
      select coalesce(jsonb_agg(jsonb_build_object('domain_type', domain_type,
          'end_ms', (extract(epoch from end_at) * 1000)::bigint, 'is_late', is_late) order by place), '[]') as freshness,
        coalesce(array_agg(domain_type) filter (where is_late), '{}') as late
      from (
        select taken.domain_type, taken.place, upper(coverage.covered) as end_at,
          mall.active and coalesce(upper(coverage.covered), mall.created_at)
            < to_timestamp(${nowMs - targetHours * 3_600_000}::float8 / 1000) as is_late
        from unnest(mall.domain_types) with ordinality as taken (domain_type, place)
        left join mallsync.tb_coverage as coverage
          on coverage.mall_id = mall.mall_id and coverage.domain_type = taken.domain_type
      ) as each
    ) as fresh
    where ${mallId}::bigint is null or mall.mall_id = ${mallId}::bigint`;
}

async function selectRows(
  pool: QueryPool,
  target: FreshnessTarget,
  where: FragmentSqlToken,
  limit: number,
  mallId: number | null = null,
): Promise<readonly MallBoardRow[]> {
  const rows = await pool.any(sql.type(boardRow)`
    select page.*, counted.freshness, failed.execution_id as failed_execution_id, failed.reason as failed_reason,
      failed.at as failed_at, failed.is_mended as failure_is_mended
    from (
      select mall_id, cafe24_mall_id, name, active, created_at, domain_types, labels, state, refresh_expires_at,
        last_refreshed_at, freshness as uncounted
      from (${buildBoard(target, mallId)}) as board where ${where} order by mall_id limit ${limit}
    ) as page
    cross join lateral (
      select coalesce(jsonb_agg(fresh || jsonb_build_object('open_rejects', (
        select count(*) from mallsync.tb_batch_error_log as entry
        where entry.mall_id = page.mall_id and entry.domain_type = fresh ->> 'domain_type' and entry.status = 'OPEN'
      )) order by place), '[]') as freshness
      from jsonb_array_elements(page.uncounted) with ordinality as each (fresh, place)
    ) as counted
    left join lateral (
      select execution.execution_id, coalesce(execution.failure_reason, execution.last_reason) as reason,
        coalesce(execution.ended_at, execution.requested_at) as at, exists (
          select from mallsync.tb_batch_execution_summary as later
          where later.instance_id = execution.instance_id and later.execution_id > execution.execution_id
            and (execution.mode = 'REPLAY' or later.mode <> 'REPLAY')) as is_mended
      from mallsync.tb_batch_execution_summary as execution
      where execution.mall_id = page.mall_id and execution.status = 'FAILED'
      order by execution.execution_id desc limit 1
    ) as failed on true
    order by page.mall_id`);
  return rows.map((row) => toRow(row, target.nowMs));
}

function joinConditions({ search, state, domainType, isLate, active }: MallBoardFilter): FragmentSqlToken {
  const late = domainType === undefined ? sql.fragment`cardinality(late) > 0` : sql.fragment`${domainType} = any(late)`;
  const conditions: readonly FragmentSqlToken[] = [
    search === undefined || search.trim() === '' ? undefined : toSearch(search.trim()),
    state && sql.fragment`coalesce(state, 'NO_CREDENTIAL') = ${state}`,
    domainType && sql.fragment`${domainType} = any(domain_types)`,
    isLate === undefined ? undefined : isLate ? late : sql.fragment`not (${late})`,
    active === undefined ? undefined : sql.fragment`active = ${active}`,
  ].filter((condition) => condition !== undefined);
  return sql.fragment`${sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `)}`;
}

function toSearch(text: string): FragmentSqlToken {
  return sql.fragment`(position(lower(${text}) in lower(name)) > 0 or position(lower(${text}) in cafe24_mall_id) > 0
    or mall_id::text = ${text})`;
}

const totalsRow = z.object({
  malls: z.number(),
  active: z.number(),
  inactive: z.number(),
  late: z.number(),
  needs_consent: z.number(),
  uninstalled: z.number(),
  no_credential: z.number(),
  matching: z.number(),
});

async function loadTotals(pool: QueryPool, query: MallBoardQuery): Promise<MallTotals> {
  const row = await pool.one(sql.type(totalsRow)`
    select count(*) as malls, count(*) filter (where active) as active, count(*) filter (where not active) as inactive,
      count(*) filter (where cardinality(late) > 0) as late,
      count(*) filter (where active and state = 'NEEDS_CONSENT') as needs_consent,
      count(*) filter (where active and state = 'UNINSTALLED') as uninstalled,
      count(*) filter (where active and state is null) as no_credential,
      count(*) filter (where ${joinConditions(query)}) as matching
    from (${buildBoard(query, null)}) as board`);
  const { needs_consent: needsConsent, no_credential: noCredential, ...rest } = row;
  return { ...rest, needsConsent, noCredential };
}

function toRow(row: z.infer<typeof boardRow>, nowMs: number): MallBoardRow {
  return {
    mallId: row.mall_id,
    cafe24MallId: row.cafe24_mall_id,
    name: row.name,
    active: row.active,
    createdAtMs: row.created_at,
    domainTypes: row.domain_types,
    labels: row.labels,
    credential: row.state === null ? null : toCredential(row, row.state, nowMs),
    freshness: row.freshness.map((fresh) => ({
      domainType: fresh.domain_type,
      lastCompleteEndMs: fresh.end_ms,
      ageHours: fresh.end_ms === null ? null : (nowMs - fresh.end_ms) / 3_600_000,
      isLate: fresh.is_late,
      openRejects: fresh.open_rejects,
    })),
    lastFailure:
      row.failed_execution_id === null || row.failed_at === null
        ? null
        : {
            reason: row.failed_reason,
            executionId: row.failed_execution_id,
            atMs: row.failed_at,
            isMended: row.failure_is_mended ?? false,
          },
  };
}

function toCredential(row: z.infer<typeof boardRow>, state: CredentialState, nowMs: number): MallCredential {
  const expiresAtMs = row.refresh_expires_at;
  return {
    state,
    refreshExpiresAtMs: expiresAtMs,
    daysLeft: expiresAtMs === null ? null : Math.max(0, Math.floor((expiresAtMs - nowMs) / DAY_MS)),
    lastRefreshedAtMs: row.last_refreshed_at,
  };
}

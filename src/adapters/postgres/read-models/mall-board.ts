import { sql, type FragmentSqlToken } from 'slonik';
import { CREDENTIAL_STATES, type CredentialState } from '../../../domain/credential.ts';
import type { DomainType } from '../../../domain/domain-type.ts';
import type { FailureReason } from '../../../domain/failure.ts';
import { DAY_MS } from '../../../domain/seoul-time.ts';
import type { ExecutionRecord } from '../execution-record.ts';
import type { QueryPool } from '../pool.ts';
import { countBoard, listRecentRuns, selectBoard, type BoardRecord } from './mall-board-sql.ts';
import { parseMallCursor, toMallCursor } from './mall-cursor.ts';

export const MALL_STATES = [...CREDENTIAL_STATES, 'NO_CREDENTIAL'] as const;
/** How a mall's consent stands. */
export type MallState = (typeof MALL_STATES)[number];

const HOUR_MS = 3_600_000;

/** What is undefined does not narrow. */
export interface MallBoardFilter {
  /** A part of the name or of Cafe24's id, or our number. */
  readonly search?: string | undefined;
  readonly state?: MallState | undefined;
  /** Malls that take it; `isLate` then speaks of it alone. */
  readonly domainType?: DomainType | undefined;
  readonly isLate?: boolean | undefined;
  readonly active?: boolean | undefined;
  /** The mall has all of them. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
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

/** @throws TerminalError ConfigInvalid naming `cursor` for one that no page gave */
export async function listMallBoard(pool: QueryPool, query: MallBoardQuery): Promise<MallBoardPage> {
  const { cursor, limit, nowMs } = query;
  const after = cursor === undefined ? 0 : parseMallCursor(cursor);
  const lateBeforeMs = toLateBefore(query);
  const where = joinConditions(query);
  const page = sql.fragment`${where} and mall_id > ${after}`;
  const [totals, records] = await Promise.all([
    countBoard(pool, lateBeforeMs, where),
    selectBoard(pool, { lateBeforeMs, mallId: null, where: page, limit: limit + 1 }),
  ]);
  const rows = records.slice(0, limit).map((record) => toRow(record, nowMs));
  const last = rows.at(-1);
  const { needs_consent: needsConsent, no_credential: noCredential, ...counts } = totals;
  return {
    rows,
    totals: { ...counts, needsConsent, noCredential },
    next: records.length > limit && last !== undefined ? toMallCursor(last.mallId) : null,
  };
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
  const lateBeforeMs = toLateBefore(target);
  const [record] = await selectBoard(pool, { lateBeforeMs, mallId, where: sql.fragment`true`, limit: 1 });
  if (record === undefined) return null;
  return { ...toRow(record, target.nowMs), recentRuns: await listRecentRuns(pool, mallId, recentRuns) };
}

/** A last complete period that ended before this is too old. */
export function toLateBefore({ nowMs, targetHours }: FreshnessTarget): number {
  return nowMs - targetHours * HOUR_MS;
}

function joinConditions({ search, state, domainType, isLate, active, labels }: MallBoardFilter): FragmentSqlToken {
  const late = domainType === undefined ? sql.fragment`cardinality(late) > 0` : sql.fragment`${domainType} = any(late)`;
  const conditions: readonly FragmentSqlToken[] = [
    search === undefined || search.trim() === '' ? undefined : toSearch(search.trim()),
    state && sql.fragment`coalesce(state, 'NO_CREDENTIAL') = ${state}`,
    domainType && sql.fragment`${domainType} = any(domain_types)`,
    isLate === undefined ? undefined : isLate ? late : sql.fragment`not (${late})`,
    active === undefined ? undefined : sql.fragment`active = ${active}`,
    labels && sql.fragment`labels @> ${sql.jsonb(labels)}`,
  ].filter((condition) => condition !== undefined);
  return sql.fragment`${sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `)}`;
}

function toSearch(text: string): FragmentSqlToken {
  return sql.fragment`(position(lower(${text}) in lower(name)) > 0 or position(lower(${text}) in cafe24_mall_id) > 0
    or mall_id::text = ${text})`;
}

function toRow(row: BoardRecord, nowMs: number): MallBoardRow {
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
      ageHours: fresh.end_ms === null ? null : (nowMs - fresh.end_ms) / HOUR_MS,
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

function toCredential(row: BoardRecord, state: CredentialState, nowMs: number): MallCredential {
  const expiresAtMs = row.refresh_expires_at;
  return {
    state,
    refreshExpiresAtMs: expiresAtMs,
    daysLeft: expiresAtMs === null ? null : Math.max(0, Math.floor((expiresAtMs - nowMs) / DAY_MS)),
    lastRefreshedAtMs: row.last_refreshed_at,
  };
}

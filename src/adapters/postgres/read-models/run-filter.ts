import { sql, type FragmentSqlToken } from 'slonik';
import { DOMAIN_TYPES, type DomainType } from '../../../domain/domain-type.ts';
import { TerminalError } from '../../../domain/errors.ts';
import { EXECUTION_STATUSES, type ExecutionStatus, type Trigger } from '../../../domain/execution.ts';
import type { FailureReason } from '../../../domain/failure.ts';
import { DAY_MS, parseSeoulTime, toSeoulTime } from '../../../domain/seoul-time.ts';
import { toStorableText } from '../ledger-text.ts';

/** Which executions. All that are given must hold; of a list, one. */
export interface RunFilter {
  readonly statuses?: readonly ExecutionStatus[];
  readonly domainTypes?: readonly DomainType[];
  readonly mallIds?: readonly number[];
  readonly reasons?: readonly FailureReason[];
  readonly triggers?: readonly Trigger[];
  /** The name of the MallSync, or how it begins. */
  readonly mallSync?: string;
  /** Executions whose period overlaps this one; local times of Asia/Seoul, an end that is no midnight is included. */
  readonly period?: { readonly startDate?: string; readonly endDate?: string };
  /** `YYYY-MM-DD`: executions that read this day and end with it, as the night's picture counts them. */
  readonly night?: string;
  readonly requestedFromMs?: number;
  readonly requestedUntilMs?: number;
  /** Failed, stopped or abandoned, and no later execution of the instance took it up. */
  readonly unmended?: boolean;
  /**
   * An execution or mall by its number, a part of a mall's name, how the name of a MallSync or Job begins, a failure's
   * word, words of its message.
   */
  readonly search?: string;
}

export const HAS_FAILED = sql.fragment`execution.status in ('FAILED', 'STOPPED', 'ABANDONED')`;
export const IS_LIVE = sql.fragment`execution.status in ('REQUESTED', 'RUNNING', 'WAITING')`;
export const FAILED_STATUSES: readonly ExecutionStatus[] = ['FAILED', 'STOPPED', 'ABANDONED'];

/** The statuses that what matches can have; only what failed has a failure's reason. */
export function listStatuses({ statuses, reasons, unmended }: RunFilter): readonly ExecutionStatus[] {
  const asked = EXECUTION_STATUSES.filter((status) => statuses === undefined || statuses.includes(status));
  return reasons === undefined && unmended !== true
    ? asked
    : asked.filter((status) => FAILED_STATUSES.includes(status));
}

/** Without statuses and triggers, which lead to indexes, and without `unmended` and `search`. */
export function toRunConditions(filter: RunFilter): readonly FragmentSqlToken[] {
  const { domainTypes, mallIds, reasons, mallSync } = filter;
  return [
    domainTypes && isOneOf('domain_type', domainTypes),
    mallIds && isOfMall(mallIds),
    reasons && isOneOf('failure_reason', reasons),
    mallSync === undefined ? undefined : beginsWith('mallsync_name', mallSync),
    ...toTimeConditions(filter),
  ].filter((condition) => condition !== undefined);
}

export function isOfMall(mallIds: readonly number[]): FragmentSqlToken {
  return sql.fragment`execution.mall_id = any(${sql.array([...mallIds], 'int8')})`;
}

export function beginsWith(column: string, prefix: string): FragmentSqlToken {
  return sql.fragment`${sql.identifier(['execution', column])} like ${toLikePattern(toStorableText(prefix))}`;
}

/** @returns a pattern that matches what begins with the text */
export function toLikePattern(text: string): string {
  return `${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** One value is compared by itself, since a list of values keeps an index from being walked in order. */
export function isOneOf(column: string, values: readonly string[]): FragmentSqlToken {
  const [first, ...others] = values;
  if (first !== undefined && others.length === 0)
    return sql.fragment`${sql.identifier(['execution', column])} = ${first}`;
  return sql.fragment`${sql.identifier(['execution', column])} = any(${sql.array([...values], 'text')})`;
}

function toTimeConditions(filter: RunFilter): readonly (FragmentSqlToken | undefined)[] {
  const { requestedFromMs, requestedUntilMs, period, night } = filter;
  return [
    requestedFromMs === undefined ? undefined : sql.fragment`execution.requested_at >= ${toInstant(requestedFromMs)}`,
    requestedUntilMs === undefined ? undefined : sql.fragment`execution.requested_at < ${toInstant(requestedUntilMs)}`,
    period?.startDate === undefined ? undefined : endsAfter(period.startDate),
    period?.endDate === undefined ? undefined : beginsBefore(period.endDate),
    night === undefined ? undefined : isOfNight(night),
  ];
}

function toInstant(atMs: number): FragmentSqlToken {
  return sql.fragment`to_timestamp(${atMs}::float8 / 1000)`;
}

/** Local times of one form compare as text. What ends at a midnight ends before it, what ends at second s holds it. */
export function endsAfter(startDate: string): FragmentSqlToken {
  return isMidnight(startDate)
    ? sql.fragment`execution.end_date collate "C" > ${startDate}`
    : sql.fragment`execution.end_date collate "C" >= ${startDate}`;
}

export function beginsBefore(endDate: string): FragmentSqlToken {
  return isMidnight(endDate)
    ? sql.fragment`execution.start_date collate "C" < ${endDate}`
    : sql.fragment`execution.start_date collate "C" <= ${endDate}`;
}

function isMidnight(time: string): boolean {
  return time.endsWith('T00:00:00');
}

/** The day's first midnight. @throws TerminalError ConfigInvalid */
export function toNightStart(night: string): number {
  const fromMs = parseSeoulTime(`${night}T00:00:00`);
  if (fromMs !== undefined) return fromMs;
  throw new TerminalError('ConfigInvalid', `night must be a day like 2025-12-01, not ${JSON.stringify(night)}`);
}

/** The two spellings of a period's end at the midnight after the day. @throws TerminalError ConfigInvalid */
export function toNightEnds(night: string): readonly [string, string] {
  return [`${night}T23:59:59`, toSeoulTime(toNightStart(night) + DAY_MS)];
}

/** Names the domain types too, by which their index of periods begins. @throws TerminalError ConfigInvalid */
export function isOfNight(night: string): FragmentSqlToken {
  return sql.fragment`${isOneOf('domain_type', DOMAIN_TYPES)}
    and execution.end_date collate "C" = any(${sql.array([...toNightEnds(night)], 'text')})
    and execution.start_date collate "C" <= ${`${night}T00:00:00`}`;
}

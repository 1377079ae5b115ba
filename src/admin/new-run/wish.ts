import { mallSyncSpec } from '../../adapters/kubernetes/mall-sync-schema.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import { toSyncError } from '../../domain/errors.ts';
import type { Mall } from '../../domain/mall.ts';
import { parsePeriod } from '../../domain/period.ts';
import { DAY_MS, SECOND_MS, parseSeoulTime, startOfSeoulDay, toSeoulTime } from '../../domain/seoul-time.ts';
import type { NewRunQuery, Scope } from './query.ts';

/** A run that a person asks for by hand. */
export interface NewRunWish {
  readonly domainType: DomainType;
  readonly scope: Scope;
  /** Of the scope `label`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Ascending, never empty: the malls that it means now. */
  readonly mallIds: readonly number[];
  readonly startDate: string;
  readonly endDate: string;
  readonly pageSize: number;
  readonly reprocess: boolean;
  readonly reason: string;
}

export const FIELDS = ['domainType', 'malls', 'labels', 'start', 'end', 'pageSize', 'reason'] as const;
export type Field = (typeof FIELDS)[number];

/** What is wrong with a field, for a sentence in the visitor's language. */
export type Fault =
  | { readonly kind: 'wrong' | 'missing' | 'order' | 'open' | 'none' }
  | { readonly kind: 'unknown'; readonly names: readonly string[] };

export type Faults = Readonly<Partial<Record<Field, Fault>>>;

export interface Judged {
  /** Null when a field is at fault. */
  readonly wish: NewRunWish | null;
  readonly faults: Faults;
}

const DEFAULT_PAGE_SIZE = '1000';

/** What a form begins with: yesterday, all active malls. */
export function fillIn(query: NewRunQuery, nowMs: number): NewRunQuery {
  const todayMs = startOfSeoulDay(nowMs);
  const isChosen = query.mallId !== undefined || query.malls !== undefined;
  return {
    ...query,
    domainType: query.domainType ?? 'MEMBER',
    scope: query.scope ?? (isChosen ? 'chosen' : 'active'),
    start: query.start ?? toSeoulTime(todayMs - DAY_MS),
    end: query.end ?? toSeoulTime(todayMs),
    pageSize: query.pageSize ?? DEFAULT_PAGE_SIZE,
  };
}

/** Judges by the rules that a MallSync is admitted by. `malls` are all there are. */
export function judgeWish(query: NewRunQuery, malls: readonly Mall[], nowMs: number): Judged {
  const faults: Partial<Record<Field, Fault>> = {};
  const { startDate, endDate } = readTimes(query);
  const labels = readLabels(query);
  const chosen = readMalls(query, malls);
  if (chosen.unknown.length > 0) faults.malls = { kind: 'unknown', names: chosen.unknown };
  const spec = mallSyncSpec.safeParse({
    domainType: query.domainType,
    startDate,
    endDate,
    pageSize: Number(query.pageSize ?? Number.NaN),
    reprocess: query.reprocess !== undefined,
    reason: query.reason ?? '',
    ...(query.scope === 'label' && { mallSelector: labels }),
  });
  if (!spec.success) {
    for (const { path } of spec.error.issues) faults[toField(path[0])] ??= { kind: 'wrong' };
    return { wish: null, faults };
  }
  const { domainType, pageSize, reprocess, reason } = spec.data;
  const scope = query.scope ?? 'active';
  const meant = pickMalls(scope, malls, { domainType, labels: labels ?? {}, chosen: chosen.mallIds });
  if (scope === 'label' && labels === undefined) faults.labels ??= { kind: 'wrong' };
  else if (scope === 'label' && Object.keys(labels ?? {}).length === 0) faults.labels ??= { kind: 'missing' };
  else if (meant.length === 0) {
    faults[scope === 'label' ? 'labels' : 'malls'] ??= { kind: scope === 'chosen' ? 'missing' : 'none' };
  }
  const periodFault = judgePeriod(startDate, endDate, nowMs);
  if (periodFault !== null) faults[periodFault.field] = periodFault.fault;
  if (reprocess && reason.trim() === '') faults.reason = { kind: 'missing' };
  if (Object.keys(faults).length > 0) return { wish: null, faults };
  const wish = { domainType, scope, labels: labels ?? {}, mallIds: meant, pageSize, reprocess, reason: reason.trim() };
  return { wish: { ...wish, startDate, endDate }, faults };
}

/** A day stands for its first second, at the end for its last one; seconds may be left out. */
function readTimes({ start = '', end = '' }: NewRunQuery): { readonly startDate: string; readonly endDate: string } {
  const endMs = /T/.test(end) ? undefined : parseSeoulTime(toTime(end));
  return {
    startDate: toTime(start),
    endDate: endMs === undefined ? toTime(end) : toSeoulTime(endMs + DAY_MS - SECOND_MS),
  };
}

function toTime(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${text}T00:00:00`;
  return /T\d{2}:\d{2}$/.test(text) ? `${text}:00` : text;
}

/** Undefined when they are no labels at all. */
function readLabels({ labels = '' }: NewRunQuery): Readonly<Record<string, string>> | undefined {
  const pairs = labels
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => /^([^=]{1,63})=(.{0,63})$/.exec(pair));
  if (pairs.length > 16 || pairs.includes(null)) return undefined;
  return Object.fromEntries(pairs.map((match) => [(match?.[1] ?? '').trim(), (match?.[2] ?? '').trim()]));
}

function readMalls({ mallId = [], malls: text = '', scope }: NewRunQuery, malls: readonly Mall[]) {
  if (scope !== 'chosen') return { mallIds: [], unknown: [] };
  const byName = new Map(malls.flatMap((mall) => [mall.cafe24MallId, String(mall.mallId)].map((name) => [name, mall])));
  const names = [...mallId.map(String), ...text.split(/[\s,;]+/).filter((name) => name !== '')];
  const found = names.flatMap((name) => byName.get(name.toLowerCase()) ?? []);
  return {
    mallIds: [...new Set(found.map((mall) => mall.mallId))].toSorted((a, b) => a - b),
    unknown: [...new Set(names.filter((name) => !byName.has(name.toLowerCase())))],
  };
}

interface Selection {
  readonly domainType: DomainType;
  readonly labels: Readonly<Record<string, string>>;
  readonly chosen: readonly number[];
}

function pickMalls(scope: Scope, malls: readonly Mall[], { domainType, labels, chosen }: Selection): readonly number[] {
  if (scope === 'chosen') return chosen;
  const wanted = scope === 'label' ? Object.entries(labels) : [];
  return malls
    .filter((mall) => mall.active && mall.domainTypes.includes(domainType))
    .filter((mall) => wanted.every(([label, value]) => mall.labels[label] === value))
    .map(({ mallId }) => mallId)
    .toSorted((a, b) => a - b);
}

function judgePeriod(
  startDate: string,
  endDate: string,
  nowMs: number,
): { readonly field: Field; readonly fault: Fault } | null {
  if (parseSeoulTime(startDate) === undefined) return { field: 'start', fault: { kind: 'wrong' } };
  if (parseSeoulTime(endDate) === undefined) return { field: 'end', fault: { kind: 'wrong' } };
  try {
    const { untilMs } = parsePeriod(startDate, endDate);
    return untilMs > nowMs ? { field: 'end', fault: { kind: 'open' } } : null;
  } catch (error) {
    if (toSyncError(error).reason !== 'ConfigInvalid') throw error;
    return { field: 'end', fault: { kind: 'order' } };
  }
}

const SPEC_FIELDS: Readonly<Record<string, Field>> = {
  domainType: 'domainType',
  startDate: 'start',
  endDate: 'end',
  pageSize: 'pageSize',
  reason: 'reason',
  mallSelector: 'labels',
};

function toField(specField: PropertyKey | undefined): Field {
  return SPEC_FIELDS[String(specField)] ?? 'malls';
}

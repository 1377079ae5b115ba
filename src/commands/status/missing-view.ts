import { loadCoverage } from '../../adapters/postgres/coverage-reader.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import type { QueryPool } from '../../adapters/postgres/pool.ts';
import { renderTable } from '../../adapters/telemetry/table.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import type { TimeRange } from '../../domain/period.ts';
import { DAY_MS, startOfSeoulDay, toSeoulDay } from '../../domain/seoul-time.ts';
import type { MissingDays } from './missing-days.ts';
import { listMissingDays } from './missing-days.ts';

const DEFAULT_DAYS = 7;
const MOST_DAYS_NAMED = 4;

export interface MissingQuestion {
  readonly mallIds: readonly number[] | undefined;
  readonly domainTypes: readonly DomainType[] | undefined;
  readonly sinceMs: number | undefined;
  readonly nowMs: number;
}

export interface MissingAnswer {
  /** First and last day asked for. */
  readonly from: string;
  readonly to: string;
  readonly malls: readonly MissingDays[];
}

/** The whole days before today that the named malls, or all active ones, lack. */
export async function loadMissing(pool: QueryPool, question: MissingQuestion): Promise<MissingAnswer> {
  const { mallIds, domainTypes, sinceMs, nowMs } = question;
  const malls = await createMallStore({ pool }).selectMalls(
    mallIds === undefined ? { kind: 'active' } : { kind: 'ids', mallIds },
  );
  const within = toWholeDays(sinceMs, nowMs);
  const coverage = await loadCoverage(pool, within, mallIds ?? null);
  const asked = malls.map((mall) => ({
    mallId: mall.mallId,
    domainTypes: mall.domainTypes.filter((each) => domainTypes?.includes(each) ?? true),
  }));
  return {
    from: toSeoulDay(within.fromMs),
    to: toSeoulDay(within.untilMs - DAY_MS),
    malls: within.untilMs > within.fromMs ? listMissingDays(asked, coverage, within) : [],
  };
}

function toWholeDays(sinceMs: number | undefined, nowMs: number): TimeRange {
  const untilMs = startOfSeoulDay(nowMs);
  return { fromMs: sinceMs === undefined ? untilMs - DEFAULT_DAYS * DAY_MS : startOfSeoulDay(sinceMs), untilMs };
}

export function renderMissing({ from, to, malls }: MissingAnswer): string {
  if (malls.length === 0) return `nothing is missing from ${from} to ${to}\n`;
  const table = renderTable<MissingDays>(
    [
      { title: 'MALL', align: 'right', toCell: ({ mallId }) => String(mallId) },
      { title: 'DOMAIN', align: 'left', toCell: ({ domainType }) => domainType },
      { title: 'MISSING', align: 'left', toCell: ({ missing }) => nameDays(missing) },
      { title: 'WITH REJECTS', align: 'left', toCell: ({ withRejects }) => nameDays(withRejects) },
    ],
    malls,
  );
  return `${table}\n\nDays from ${from} to ${to}. Read them: mallsync rerun --malls … --domain … --start … --end …\n`;
}

function nameDays(days: readonly string[]): string {
  if (days.length <= MOST_DAYS_NAMED) return days.join(' ') || '-';
  return `${days.length} days in ${days[0]}..${days.at(-1)}`;
}

import { loadCoverage } from '../../adapters/postgres/coverage-reader.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import { listReadingWithin } from '../../adapters/postgres/live-execution.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import type { MallSyncDraft } from '../../controller/mall-sync.ts';
import { buildNightDrafts, buildRereadDrafts } from '../../controller/night-drafts.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import type { Mall } from '../../domain/mall.ts';
import { planNight } from '../../domain/night-plan.ts';
import type { TimeRange } from '../../domain/period.ts';
import { planReread } from '../../domain/reread-plan.ts';
import { DAY_MS, startOfSeoulDay } from '../../domain/seoul-time.ts';
import type { NightlySettings } from './nightly-settings.ts';

/** The MallSyncs that the settings ask for, those of the night before those of earlier days. */
export async function planDrafts(
  settings: NightlySettings,
  database: Database,
  scheduledAtMs: number,
): Promise<readonly MallSyncDraft[]> {
  const active = await createMallStore(database).selectMalls({ kind: 'active' });
  const malls = active.map((mall) => ({ ...mall, domainTypes: narrow(mall, settings.domains) }));
  return settings.reread
    ? await planRereadDrafts(settings, database, scheduledAtMs, malls)
    : await planNightDrafts(settings, database, scheduledAtMs, malls);
}

function narrow({ domainTypes }: Mall, wanted: readonly DomainType[] | undefined): readonly DomainType[] {
  return wanted === undefined ? domainTypes : domainTypes.filter((domainType) => wanted.includes(domainType));
}

/** What is being read already counts as covered: a second run of the same night asks for nothing twice. */
async function planNightDrafts(
  settings: NightlySettings,
  database: Database,
  scheduledAtMs: number,
  malls: readonly Mall[],
): Promise<readonly MallSyncDraft[]> {
  const { lookbackDays, catchUpDays, pageSize } = settings;
  const untilMs = startOfSeoulDay(scheduledAtMs);
  const within = { fromMs: untilMs - (catchUpDays + 1) * DAY_MS, untilMs };
  // in this order: what ends in between is seen twice rather than never
  const reading = await listReadingWithin(database.pool, within);
  const coverage = await loadCoverage(database.pool, within);
  const ranges = new Map<string, TimeRange[]>();
  const add = (mallId: number, domainType: DomainType, added: readonly TimeRange[]): void => {
    const key = `${mallId} ${domainType}`;
    ranges.set(key, [...(ranges.get(key) ?? []), ...added]);
  };
  for (const { mallId, domainType, period } of reading) add(mallId, domainType, [period]);
  for (const { mallId, domainType, covered } of coverage) add(mallId, domainType, covered);
  const coverageOf = (mallId: number, domainType: DomainType): readonly TimeRange[] =>
    ranges.get(`${mallId} ${domainType}`) ?? [];
  const plan = planNight({ scheduledAtMs, lookbackDays, catchUpDays, malls, coverageOf });
  return buildNightDrafts(plan, { scheduledAtMs, pageSize });
}

async function planRereadDrafts(
  { sinceMs, pageSize }: NightlySettings,
  database: Database,
  scheduledAtMs: number,
  malls: readonly Mall[],
): Promise<readonly MallSyncDraft[]> {
  const coverage = await loadCoverage(database.pool, { fromMs: 0, untilMs: startOfSeoulDay(scheduledAtMs) });
  const firsts = new Map(
    coverage.map(({ mallId, domainType, covered }) => [`${mallId} ${domainType}`, covered[0]?.fromMs ?? null]),
  );
  const firstCoveredMs = (mallId: number, domainType: DomainType): number | null =>
    sinceMs ?? firsts.get(`${mallId} ${domainType}`) ?? null;
  return buildRereadDrafts(planReread({ scheduledAtMs, malls, firstCoveredMs }), { scheduledAtMs, pageSize });
}

import { loadCoverage } from '../../adapters/postgres/coverage-reader.ts';
import { waitForDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import type { Mall } from '../../domain/mall.ts';
import { planNight } from '../../domain/night-plan.ts';
import type { TimeRange } from '../../domain/period.ts';
import { DAY_MS, startOfSeoulDay } from '../../domain/seoul-time.ts';
import { runItems } from '../run/run-items.ts';
import type { WorkItem } from '../run/work-item.ts';
import type { ServeContext } from './serve-context.ts';

/**
 * The night that was due at `scheduledAtMs`: yesterday of all active malls, and the days before that some of them lack.
 * What is complete already is left alone, so that the same night may be run again.
 */
export async function runNight(context: ServeContext, scheduledAtMs: number, signal: AbortSignal): Promise<void> {
  await waitForDatabaseClock(context.database, startOfSeoulDay(scheduledAtMs), context.clock, signal);
  const items = await listNightWork(context, scheduledAtMs);
  context.log.info('night begins', { executions: items.length });
  const { totals, seconds } = await runItems(items, context.options, context.watch, signal);
  context.log[totals.failed > 0 ? 'error' : 'info']('night ended', { ...totals, seconds });
}

async function listNightWork(context: ServeContext, scheduledAtMs: number): Promise<readonly WorkItem[]> {
  const { lookbackDays, catchUpDays, pageSize } = context.settings;
  const malls = await createMallStore(context.database).selectMalls({ kind: 'active' });
  const coverage = await loadCoverage(context.database.pool, {
    fromMs: scheduledAtMs - (catchUpDays + 3) * DAY_MS,
    untilMs: scheduledAtMs,
  });
  const covered = new Map(coverage.map((each) => [`${each.mallId} ${each.domainType}`, each.covered]));
  const coverageOf = (mallId: number, domainType: DomainType): readonly TimeRange[] =>
    covered.get(`${mallId} ${domainType}`) ?? [];
  const mallOf = new Map<number, Mall>(malls.map((mall) => [mall.mallId, mall]));
  const plan = planNight({ scheduledAtMs, lookbackDays, catchUpDays, malls, coverageOf });
  return plan.flatMap(({ kind, domainType, period, mallIds }) =>
    mallIds
      .map((mallId) => mallOf.get(mallId))
      .filter((mall) => mall !== undefined)
      .map((mall) => ({
        mall,
        domainType,
        period,
        pageSize,
        reason: kind,
        attemptCount: null,
        mode: 'RESUME' as const,
        trigger: 'NIGHTLY' as const,
        requestedBy: context.requestedBy,
        fingerprints: null,
      })),
  );
}

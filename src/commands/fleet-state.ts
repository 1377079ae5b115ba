import { untilAborted } from '../adapters/kubernetes/transport/deadline.ts';
import type { Database } from '../adapters/postgres/database.ts';
import { loadFleetGauges } from '../adapters/postgres/fleet-gauges.ts';
import { loadMetricTotals } from '../adapters/postgres/metric-totals.ts';
import type { FleetState, LoadFleet } from '../adapters/telemetry/fleet-metrics.ts';
import type { Logger } from '../adapters/telemetry/log.ts';

/** Shorter than a scrape may take: a database that hangs must not hide the process's own series. */
const PATIENCE_MS = 5_000;

export interface FleetSettings {
  readonly mallMetrics: boolean;
  readonly nightDeadline: string;
  readonly freshnessTargetHours: number;
}

/** What the ledger says of the whole fleet. */
export async function loadFleetState(
  { pool }: Pick<Database, 'pool'>,
  { mallMetrics: hasMallSeries, nightDeadline, freshnessTargetHours }: FleetSettings,
  nowMs: number,
): Promise<FleetState> {
  const query = { nowMs, nightDeadline, freshnessTargetHours, hasMallSeries };
  return { totals: await loadMetricTotals(pool), gauges: await loadFleetGauges(pool, query) };
}

/**
 * The same for scrapes: without much patience, and what goes wrong is logged. Those that come while one is being read
 * share it, so that a slow database is not asked for ever more at once.
 */
export function createFleetLoader({
  settings,
  database,
  log,
  clock,
}: {
  readonly settings: FleetSettings;
  readonly database: Database;
  readonly log: Logger;
  readonly clock: { nowMs(): number };
}): LoadFleet {
  let loading: Promise<FleetState> | null = null;
  const load = (): Promise<FleetState> =>
    loadFleetState(database, settings, clock.nowMs()).finally(() => {
      loading = null;
    });
  return async () => {
    try {
      loading ??= load();
      return await untilAborted(loading, AbortSignal.timeout(PATIENCE_MS));
    } catch (error) {
      log.warn('the fleet’s series are left out', { error });
      throw error;
    }
  };
}

import type { Database } from '../adapters/postgres/database.ts';
import { loadFleetGauges } from '../adapters/postgres/fleet-gauges.ts';
import { loadMetricTotals } from '../adapters/postgres/metric-totals.ts';
import type { FleetState } from '../adapters/telemetry/fleet-metrics.ts';

/** What the ledger says of the whole fleet; `hasMallSeries` false leaves out what has a series a mall. */
export async function loadFleetState({ pool }: Database, hasMallSeries: boolean): Promise<FleetState> {
  return { totals: await loadMetricTotals(pool), gauges: await loadFleetGauges(pool, hasMallSeries) };
}

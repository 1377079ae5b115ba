import type { Database } from '../../../src/adapters/postgres/database.ts';
import { renderFleetMetrics } from '../../../src/adapters/telemetry/fleet-metrics.ts';
import { loadFleetState, type FleetSettings } from '../../../src/commands/fleet-state.ts';
import { readSeriesOf, toFamily, type Series } from '../../support/metrics-text.ts';

export const FLEET_SETTINGS: FleetSettings = { mallMetrics: true, nightDeadline: '07:00', freshnessTargetHours: 30 };

/** The fleet's series as a scrape at that time finds them. */
export async function scrapeFleet(
  database: Database,
  nowMs: number,
  settings: Partial<FleetSettings> = {},
): Promise<Series> {
  return readSeriesOf(
    await renderFleetMetrics(await loadFleetState(database, { ...FLEET_SETTINGS, ...settings }, nowMs)),
  );
}

/** The series of one family by their labels, those with 0 left out. */
export function familyOf(series: Series, name: string): Readonly<Record<string, number>> {
  const family = `mallsync_${name}`;
  const found = [...series].filter(([each, value]) => toFamily(each) === family && value !== 0);
  return Object.fromEntries(found.map(([each, value]) => [each.slice(family.length), value]));
}

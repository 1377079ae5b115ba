import { FLEET_GAUGES, type FleetGaugeName } from '../../src/adapters/telemetry/fleet-metric-table.ts';
import type { FleetState } from '../../src/adapters/telemetry/fleet-metrics.ts';

/** Gauges of a fleet of which nothing is known but what is given. */
export function buildGauges(given: Partial<FleetState['gauges']> = {}): FleetState['gauges'] {
  const none = Object.fromEntries(FLEET_GAUGES.map(({ name }) => [name, []]));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each name of the table
  return { ...(none as unknown as Record<FleetGaugeName, []>), ...given };
}

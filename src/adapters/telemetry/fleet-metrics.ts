import { Counter, Registry } from 'prom-client';
import { HISTOGRAM_BOUNDS } from '../../domain/fleet-total.ts';
import { buildHistogram, type StoredTotal } from './fleet-histogram.ts';
import {
  FLEET_COUNTERS,
  FLEET_GAUGES,
  FLEET_HISTOGRAMS,
  FLEET_PREFIX,
  type FleetGaugeName,
  type FleetMetric,
  type Labels,
} from './fleet-metric-table.ts';
import { registerReadMetric, type MetricSample, type ReadMetric } from './read-metric.ts';

/** What the ledger says of the whole fleet at one moment. */
export interface FleetState {
  readonly totals: readonly StoredTotal[];
  readonly gauges: Readonly<Record<FleetGaugeName, readonly MetricSample[]>>;
}

export type LoadFleet = () => Promise<FleetState>;

/**
 * How a process renders the fleet's series beside its own: where they cannot be read they are left out, and that is
 * counted in `registry`, which is to be rendered afterwards.
 */
export function createFleetRenderer(registry: Registry): (loadFleet: LoadFleet) => Promise<string> {
  const failures = new Counter({
    name: 'mallsync_fleet_metrics_failures_total',
    help: 'Renderings that had to leave the fleet’s series out because the database did not answer',
    registers: [registry],
  });
  return async (loadFleet) => {
    const fleet = await loadFleet().catch(() => {
      failures.inc();
      return null;
    });
    return fleet === null ? '' : await renderFleetMetrics(fleet);
  };
}

/**
 * The fleet's series as Prometheus reads them. They come from the database and from nowhere else, so that a restart
 * neither resets nor double counts them.
 */
export async function renderFleetMetrics(state: FleetState): Promise<string> {
  const registry = new Registry();
  registerFleetMetrics(registry, state);
  return await registry.metrics();
}

export function registerFleetMetrics(registry: Registry, { totals, gauges }: FleetState): void {
  const register = (type: ReadMetric['type'], metric: FleetMetric, samples: readonly MetricSample[]): void => {
    const { name, help, labels } = metric;
    registerReadMetric(registry, { type, name: FLEET_PREFIX + name, help, labels, read: () => samples });
  };
  for (const counter of FLEET_COUNTERS) {
    const counted = totals.filter(({ name }) => name === counter.name);
    register('counter', counter, withZeros(counter, counted));
  }
  for (const histogram of FLEET_HISTOGRAMS) {
    const { name, known } = histogram;
    register('histogram', histogram, buildHistogram(name, HISTOGRAM_BOUNDS[name], known, totals));
  }
  for (const gauge of FLEET_GAUGES) register('gauge', gauge, withZeros(gauge, gauges[gauge.name]));
}

function withZeros({ known }: FleetMetric, samples: readonly MetricSample[]): readonly MetricSample[] {
  const missing = known.filter((labels) => !samples.some((sample) => hasAll(labels, sample.labels)));
  return [...samples, ...missing.map((labels) => ({ labels, value: 0 }))];
}

function hasAll(wanted: Labels, labels: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

import { Registry } from 'prom-client';
import { FLEET_GAUGES } from './fleet-metric-table.ts';
import { registerFleetMetrics, type FleetState } from './fleet-metrics.ts';

/** What Prometheus can ask for, wherever the process has it. */
export interface ListedMetric {
  readonly name: string;
  readonly type: string;
  /** Without the `le` of a histogram. */
  readonly labels: readonly string[];
  readonly help: string;
}

/** In order of name. */
export async function listMetrics(registry: Registry): Promise<readonly ListedMetric[]> {
  const labels = new Map(registry.getMetricsAsArray().map((metric) => [metric.name, toLabels(metric)]));
  const metrics = await registry.getMetricsAsJSON();
  return metrics
    .map(({ name, type, help }) => ({ name, type: String(type), labels: labels.get(name) ?? [], help }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** prom-client's types do not tell of its metrics' labels. */
function toLabels(metric: object): readonly string[] {
  return 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : [];
}

export async function listFleetMetrics(): Promise<readonly ListedMetric[]> {
  const registry = new Registry();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each name of the table
  const gauges = Object.fromEntries(FLEET_GAUGES.map(({ name }) => [name, []])) as unknown as FleetState['gauges'];
  registerFleetMetrics(registry, { totals: [], gauges });
  return await listMetrics(registry);
}

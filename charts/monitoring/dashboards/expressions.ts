/** PromQL by parts that all dashboards share. */

/** How finely a total is looked at where its growth is asked for. */
const RESOLUTION = '15s';

function selector(name: string, matchers: readonly string[]): string {
  return `${name}{${['namespace=~"$namespace"', ...matchers].join(', ')}}`;
}

interface FleetMetric {
  /** All labels of its own. */
  readonly labels: readonly string[];
  readonly matchers?: readonly string[];
}

/**
 * A series of the fleet. The leader alone exports them; while two pods do, between two terms, they say the same, so that
 * the larger one counts and not the sum.
 */
export function fleet(name: string, { labels, matchers = [] }: FleetMetric): string {
  return `max by (${['namespace', ...labels].join(', ')}) (${selector(`mallsync_${name}`, matchers)})`;
}

export function sumOf(expr: string, by: readonly string[] = []): string {
  return by.length === 0 ? `sum(${expr})` : `sum by (${by.join(', ')}) (${expr})`;
}

/**
 * How a total of the fleet grows a second. It goes on where another pod leads, so that the growth is that of the larger
 * one over time and not of each pod's series.
 */
export function fleetRate(name: string, metric: FleetMetric, by: readonly string[]): string {
  return sumOf(`rate(${fleet(name, metric)}[$__rate_interval:${RESOLUTION}])`, by);
}

/** By how much it grew in each interval of the graph. */
export function fleetIncrease(name: string, metric: FleetMetric, by: readonly string[]): string {
  return sumOf(`increase(${fleet(name, metric)}[$__interval:${RESOLUTION}])`, by);
}

export function fleetQuantile(quantile: number, name: string, metric: FleetMetric, by: readonly string[]): string {
  const buckets: FleetMetric = { ...metric, labels: ['le', ...metric.labels] };
  return `histogram_quantile(${quantile}, ${fleetRate(`${name}_bucket`, buckets, ['le', ...by])})`;
}

export type ProcessName = 'controller' | 'serve' | 'admin';

/** What an expression says of mallsync's processes of a kind: others in the namespace export the same names. */
export function ofProcess(expr: string, process: ProcessName): string {
  return `${expr} and on (namespace, job, instance) mallsync_build_info{process="${process}"}`;
}

/** The same of all of mallsync's processes, each named by its kind. */
export function ofEachProcess(expr: string): string {
  return `${expr} * on (namespace, job, instance) group_left (process) mallsync_build_info`;
}

export function own(name: string, matchers: readonly string[] = []): string {
  return selector(name, matchers);
}

/** How a counter of the controller's own process grows a second, over its pods. */
export function controllerRate(name: string, by: readonly string[]): string {
  return sumOf(ofProcess(`rate(${own(name)}[$__rate_interval])`, 'controller'), by);
}

export function controllerQuantile(quantile: number, name: string, by: readonly string[]): string {
  return `histogram_quantile(${quantile}, ${controllerRate(`${name}_bucket`, ['le', ...by])})`;
}

export const BY_DOMAIN = { labels: ['domain'], matchers: ['domain=~"$domain"'] } as const satisfies FleetMetric;

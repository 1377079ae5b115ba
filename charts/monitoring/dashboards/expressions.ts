/** PromQL by parts that all dashboards share. */

/** For how long a total is still known where nobody tells of it: between two leaders, or while Prometheus restarts. */
const MEMORY = '15m';

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

/** How a total of the fleet grows a second. Where another pod leads its series goes on, so that rates add up. */
export function fleetRate(name: string, { matchers = [] }: FleetMetric, by: readonly string[]): string {
  return sumOf(`rate(${selector(`mallsync_${name}`, matchers)}[$__rate_interval])`, by);
}

/**
 * By how much it grew in each interval of the graph, to the unit: totals come from the database and never fall, so that
 * the difference of two of them holds also what happened while no pod told of it.
 */
export function fleetIncrease(name: string, { labels, matchers = [] }: FleetMetric, by: readonly string[]): string {
  const read = (offset: string): string =>
    `max by (${['namespace', ...labels].join(', ')}) (last_over_time(${selector(`mallsync_${name}`, matchers)}[${MEMORY}]${offset}))`;
  return sumOf(`${read('')} - ${read(' offset $__interval')}`, by);
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

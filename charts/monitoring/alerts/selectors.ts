/**
 * The matcher that each selector has. As it stands it fits every installation that a Prometheus reads, with a namespace or
 * without; the chart puts its release's namespace here, so that two releases do not both alert of each other.
 */
export const SCOPE = 'namespace=~".*"';

/**
 * Fleet series come from the leader alone. When another takes over they are away for a scrape or two; looked back at for
 * this long they do not seem to have ended, and an alert that fires goes on.
 */
const BRIDGE = '5m';

/** A series by its labels: `where` is further matchers. */
export function select(metric: string, where = ''): string {
  return `${metric}{${where === '' ? SCOPE : `${SCOPE}, ${where}`}}`;
}

/**
 * A gauge of the fleet. Whoever exports it reads the same database, so where two do at once the value counts once.
 * @param by labels besides `namespace`
 */
export function fleet(metric: string, { by = [], where = '' }: FleetLabels = {}): string {
  return `max by (${['namespace', ...by].join(', ')}) (last_over_time(${select(metric, where)}[${BRIDGE}]))`;
}

export interface FleetLabels {
  readonly by?: readonly string[];
  readonly where?: string;
}

/**
 * How much a counter of the fleet rose. It stands in the database: one that is first seen at 5,000 has not risen by
 * 5,000, and what another process exports is the same counter.
 */
export function rise(metric: string, { by = [], where = '', range }: FleetLabels & { readonly range: string }): string {
  return `increase((max by (${['namespace', ...by].join(', ')}) (${select(metric, where)}))[${range}])`;
}

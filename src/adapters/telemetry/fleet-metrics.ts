import { Gauge, Registry } from 'prom-client';

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A total as it is stored: its name is the metric's without the prefix, for a histogram with its part. */
export interface StoredTotal extends MetricSample {
  readonly name: string;
}

/** What the ledger says of the whole fleet at one moment. */
export interface FleetState {
  readonly totals: readonly StoredTotal[];
  readonly gauges: Readonly<Record<GaugeName, readonly MetricSample[]>>;
}

const COUNTERS = {
  runs_total: 'Executions that ended, by domain type, result and reason',
  rows_total: 'Rows by domain type and what became of them',
  api_requests_total: 'Calls to Cafe24 by endpoint and status',
  api_wait_seconds_total: 'Seconds waited for Cafe24, by cause',
} as const;

const HISTOGRAMS = { run_duration_seconds: 'Seconds from the begin of an execution to its end' } as const;

const GAUGES = {
  jobs_active: 'Executions under way',
  jobs_waiting: 'Executions requested or waiting for a limit',
  mall_last_complete_period_end_timestamp_seconds: 'Until when a mall’s domain type is complete',
  token_expiry_timestamp_seconds: 'When a mall’s refresh token runs out',
  malls: 'Malls by state',
  rejected_rows_open: 'Rejected rows that nobody has dealt with, by domain type',
  retry_requests: 'Retry requests by state',
} as const;

export type GaugeName = keyof typeof GAUGES;

const GAUGE_NAMES = [
  'jobs_active',
  'jobs_waiting',
  'mall_last_complete_period_end_timestamp_seconds',
  'token_expiry_timestamp_seconds',
  'malls',
  'rejected_rows_open',
  'retry_requests',
] as const satisfies readonly GaugeName[];

const PREFIX = 'mallsync_';
const HISTOGRAM_PART = /_(bucket|sum|count)$/;

/**
 * The fleet's series as Prometheus reads them. They come from the database and from nowhere else, so that a restart
 * neither resets nor double counts them.
 */
export async function renderFleetMetrics(state: FleetState): Promise<{ contentType: string; text: string }> {
  const registry = new Registry();
  for (const [name, help] of Object.entries(COUNTERS)) {
    register(
      registry,
      'counter',
      name,
      help,
      state.totals.filter((total) => total.name === name),
    );
  }
  for (const [name, help] of Object.entries(HISTOGRAMS)) {
    const parts = state.totals.filter((total) => total.name.replace(HISTOGRAM_PART, '') === name);
    register(registry, 'histogram', name, help, parts);
  }
  for (const name of GAUGE_NAMES) register(registry, 'gauge', name, GAUGES[name], state.gauges[name]);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** prom-client's own metrics count by themselves; these only carry what the database has counted. */
function register(
  registry: Registry,
  type: 'counter' | 'gauge' | 'histogram',
  name: string,
  help: string,
  samples: readonly (MetricSample & { readonly name?: string })[],
): void {
  const values = samples.map((sample) => ({
    labels: sample.labels,
    value: sample.value,
    metricName: PREFIX + (sample.name ?? name),
  }));
  const get = () => Promise.resolve({ name: PREFIX + name, help, type, values });
  Object.assign(new Gauge({ name: PREFIX + name, help, registers: [registry] }), { get });
}

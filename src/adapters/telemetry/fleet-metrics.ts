import { Registry } from 'prom-client';
import { DISAGREEMENTS } from '../../controller/job-verdict.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { FAILURES } from '../../domain/failure.ts';
import { HISTOGRAM_BOUNDS, ROW_OUTCOMES, type HistogramName } from '../../domain/fleet-total.ts';
import type { WaitCause } from '../../engine/page-source.ts';
import { buildHistogram, type StoredTotal } from './fleet-histogram.ts';
import { registerReadMetric, type MetricSample, type ReadMetric } from './read-metric.ts';

/** What the ledger says of the whole fleet at one moment. */
export interface FleetState {
  readonly totals: readonly StoredTotal[];
  readonly gauges: Readonly<Record<GaugeName, readonly MetricSample[]>>;
}

type Labels = Readonly<Record<string, string>>;

interface FleetMetric {
  readonly name: string;
  readonly help: string;
  /** Labels that are known beforehand: their series are there from the start, with 0, so that the first event shows. */
  readonly known: readonly Labels[];
}

const ALONE: readonly Labels[] = [{}];
const BY_DOMAIN = DOMAIN_TYPES.map((domain) => ({ domain }));
const WAIT_CAUSES = ['rate', 'quota', 'retry', 'token'] as const satisfies readonly WaitCause[];

const COUNTERS: readonly FleetMetric[] = [
  {
    name: 'runs_total',
    help: 'Executions that ended, by domain type, result and reason',
    known: BY_DOMAIN.flatMap(({ domain }) => [
      { domain, result: 'COMPLETED', reason: '' },
      { domain, result: 'COMPLETED_WITH_REJECTS', reason: '' },
      ...Object.keys(FAILURES).map((reason) => ({ domain, result: 'FAILED', reason })),
    ]),
  },
  {
    name: 'rows_total',
    help: 'Rows by domain type and what became of them',
    known: BY_DOMAIN.flatMap(({ domain }) => ROW_OUTCOMES.map((outcome) => ({ domain, outcome }))),
  },
  { name: 'api_requests_total', help: 'Calls to Cafe24 by endpoint and status', known: [] },
  {
    name: 'api_wait_seconds_total',
    help: 'Seconds waited for Cafe24, by cause',
    known: toLabels('cause', WAIT_CAUSES),
  },
  { name: 'schedule_missed_total', help: 'Nights that did not begin when they should have', known: ALONE },
  {
    name: 'outcome_disagreements_total',
    help: 'Runs of which Job and ledger did not say the same',
    known: toLabels('case', DISAGREEMENTS),
  },
];

const HISTOGRAMS: readonly (FleetMetric & { readonly name: HistogramName })[] = [
  {
    name: 'run_duration_seconds',
    help: 'Seconds from the begin of an execution to its end',
    known: BY_DOMAIN,
  },
  {
    name: 'outcome_record_lag_seconds',
    help: 'Seconds from the end of a Job to its outcome in the ledger',
    known: ALONE,
  },
  { name: 'job_create_to_start_seconds', help: 'Seconds from the creation of a Job to its start', known: ALONE },
];

const GAUGES = [
  { name: 'jobs_active', help: 'Executions under way', known: ALONE },
  { name: 'jobs_waiting', help: 'Executions requested or waiting for a limit', known: ALONE },
  {
    name: 'mall_last_complete_period_end_timestamp_seconds',
    help: 'Until when a mall’s domain type is complete',
    known: [],
  },
  { name: 'token_expiry_timestamp_seconds', help: 'When a mall’s refresh token runs out', known: [] },
  {
    name: 'malls',
    help: 'Malls by state',
    known: toLabels('state', ['active', 'needs_consent', 'uninstalled', 'no_credential', 'inactive']),
  },
  {
    name: 'rejected_rows_open',
    help: 'Rejected rows that nobody has dealt with, by domain type',
    known: BY_DOMAIN,
  },
  {
    name: 'retry_requests',
    help: 'Retry requests by state',
    known: toLabels('state', ['pending', 'accepted', 'done', 'refused']),
  },
] as const satisfies readonly FleetMetric[];

export type GaugeName = (typeof GAUGES)[number]['name'];

const PREFIX = 'mallsync_';

/**
 * The fleet's series as Prometheus reads them. They come from the database and from nowhere else, so that a restart
 * neither resets nor double counts them.
 */
export async function renderFleetMetrics(state: FleetState): Promise<{ contentType: string; text: string }> {
  const registry = new Registry();
  const register = (type: ReadMetric['type'], { name, help }: FleetMetric, samples: readonly MetricSample[]): void =>
    registerReadMetric(registry, { type, name: PREFIX + name, help, labels: [], read: () => samples });
  for (const counter of COUNTERS) {
    const counted = state.totals.filter(({ name }) => name === counter.name);
    register('counter', counter, withZeros(counter.known, counted));
  }
  for (const histogram of HISTOGRAMS) {
    const { name, known } = histogram;
    register('histogram', histogram, buildHistogram(name, HISTOGRAM_BOUNDS[name], known, state.totals));
  }
  for (const gauge of GAUGES) register('gauge', gauge, withZeros(gauge.known, state.gauges[gauge.name]));
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function toLabels(name: string, values: readonly string[]): readonly Labels[] {
  return values.map((value) => ({ [name]: value }));
}

function withZeros(known: readonly Labels[], samples: readonly MetricSample[]): readonly MetricSample[] {
  const isSame = (a: Labels, b: Labels): boolean => Object.keys(a).every((name) => a[name] === b[name]);
  const missing = known.filter((labels) => !samples.some((sample) => isSame(labels, sample.labels)));
  return [...samples, ...missing.map((labels) => ({ labels, value: 0 }))];
}

import { DISAGREEMENTS } from '../../controller/job-verdict.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { FAILURES } from '../../domain/failure.ts';
import { ROW_OUTCOMES, type HistogramName } from '../../domain/fleet-total.ts';
import type { WaitCause } from '../../engine/page-source.ts';

export type Labels = Readonly<Record<string, string>>;

export interface FleetMetric {
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Labels that are known beforehand: their series are there from the start, with 0, so that the first event shows. */
  readonly known: readonly Labels[];
}

export const FLEET_PREFIX = 'mallsync_';

const ALONE: readonly Labels[] = [{}];
const BY_DOMAIN = DOMAIN_TYPES.map((domain) => ({ domain }));
const REASONS = Object.keys(FAILURES);
const WAIT_CAUSES = ['rate', 'quota', 'retry', 'token'] as const satisfies readonly WaitCause[];
const RUN_STATES = ['done', 'done_with_rejects', 'failed', 'stopped', 'waiting', 'running'];

export const FLEET_COUNTERS: readonly FleetMetric[] = [
  {
    name: 'runs_total',
    help: 'Executions that ended, by domain type, result and reason',
    labels: ['domain', 'result', 'reason'],
    known: BY_DOMAIN.flatMap(({ domain }) => [
      { domain, result: 'COMPLETED', reason: '' },
      { domain, result: 'COMPLETED_WITH_REJECTS', reason: '' },
      ...REASONS.map((reason) => ({ domain, result: 'FAILED', reason })),
    ]),
  },
  {
    name: 'rows_total',
    help: 'Rows by domain type and what became of them',
    labels: ['domain', 'outcome'],
    known: BY_DOMAIN.flatMap(({ domain }) => ROW_OUTCOMES.map((outcome) => ({ domain, outcome }))),
  },
  {
    name: 'api_requests_total',
    help: 'Calls to Cafe24 by endpoint and status',
    labels: ['endpoint', 'code'],
    known: [],
  },
  {
    name: 'api_wait_seconds_total',
    help: 'Seconds waited for Cafe24, by cause',
    labels: ['cause'],
    known: toLabels('cause', WAIT_CAUSES),
  },
  {
    name: 'schedule_missed_total',
    help: 'Nights that did not begin when they should have',
    labels: [],
    known: ALONE,
  },
  {
    name: 'outcome_disagreements_total',
    help: 'Runs of which Job and ledger did not say the same',
    labels: ['case'],
    known: toLabels('case', DISAGREEMENTS),
  },
];

export const FLEET_HISTOGRAMS: readonly (FleetMetric & { readonly name: HistogramName })[] = [
  {
    name: 'run_duration_seconds',
    help: 'Seconds from the begin of an execution to its end',
    labels: ['domain'],
    known: BY_DOMAIN,
  },
  {
    name: 'outcome_record_lag_seconds',
    help: 'Seconds from the end of a Job to its outcome in the ledger',
    labels: [],
    known: ALONE,
  },
  {
    name: 'job_create_to_start_seconds',
    help: 'Seconds from the creation of a Job to its start',
    labels: [],
    known: ALONE,
  },
];

export const FLEET_GAUGES = [
  { name: 'jobs_active', help: 'Executions under way', labels: [], known: ALONE },
  { name: 'jobs_waiting', help: 'Executions requested or waiting for a limit', labels: [], known: ALONE },
  {
    name: 'malls',
    help: 'Malls by state',
    labels: ['state'],
    known: toLabels('state', ['active', 'needs_consent', 'uninstalled', 'no_credential', 'inactive']),
  },
  {
    name: 'night_malls',
    help: 'Malls that the last night had to read, by how they stand; their sum is what it expected',
    labels: ['state'],
    known: toLabels('state', ['done', 'failed', 'waiting', 'running']),
  },
  {
    name: 'night_late_malls',
    help: 'Malls of the last night that still wait or run though its deadline has passed',
    labels: [],
    known: ALONE,
  },
  {
    name: 'night_runs',
    help: 'Malls of the last night by domain type and how that one stands',
    labels: ['domain', 'state'],
    known: BY_DOMAIN.flatMap(({ domain }) => RUN_STATES.map((state) => ({ domain, state }))),
  },
  {
    name: 'night_failed_malls',
    help: 'Malls of the last night that failed, by reason; one that failed for two reasons counts for both',
    labels: ['reason'],
    known: toLabels('reason', REASONS),
  },
  {
    name: 'night_end_timestamp_seconds',
    help: 'The end of the day that the last night reads, a midnight of Asia/Seoul',
    labels: [],
    known: ALONE,
  },
  {
    name: 'night_deadline_timestamp_seconds',
    help: 'When the last night has to be complete',
    labels: [],
    known: ALONE,
  },
  {
    name: 'missing_nights',
    help: 'Nights of the last 31 days whose day is not covered though they were due, by domain type; all active malls',
    labels: ['domain'],
    known: BY_DOMAIN,
  },
  {
    name: 'mall_missing_nights',
    help: 'The same by mall where there are any, the 100 with the most; reason: what the newest run failed for, or NotRead',
    labels: ['mall_id', 'domain', 'reason'],
    known: [],
  },
  {
    name: 'stale_malls',
    help: 'Active malls of which the last complete period ended longer ago than the target, by domain type',
    labels: ['domain'],
    known: BY_DOMAIN,
  },
  {
    name: 'freshness_target_seconds',
    help: 'How old a mall’s last complete period may be',
    labels: [],
    known: ALONE,
  },
  {
    name: 'mall_last_complete_period_end_timestamp_seconds',
    help: 'Until when a mall’s domain type is complete',
    labels: ['mall_id', 'domain'],
    known: [],
  },
  {
    name: 'token_expiry_timestamp_seconds',
    help: 'When a mall’s refresh token runs out',
    labels: ['mall_id'],
    known: [],
  },
  {
    name: 'consents_expiring_malls',
    help: 'Active malls of which the refresh token runs out within 3 days',
    labels: [],
    known: ALONE,
  },
  {
    name: 'budget_blocked_malls',
    help: 'Malls of which Cafe24 blocks calls at present',
    labels: [],
    known: ALONE,
  },
  {
    name: 'rejected_rows_open',
    help: 'Rejected rows that nobody has dealt with, by domain type',
    labels: ['domain'],
    known: BY_DOMAIN,
  },
  {
    name: 'retry_requests',
    help: 'Retry requests by state',
    labels: ['state'],
    known: toLabels('state', ['pending', 'accepted', 'done', 'refused']),
  },
  {
    name: 'database_connections',
    help: 'Connections of the database server, of all its databases and users',
    labels: [],
    known: ALONE,
  },
  {
    name: 'database_connections_limit',
    help: 'Connections that the database server gives to those who are no superusers',
    labels: [],
    known: ALONE,
  },
  { name: 'database_size_bytes', help: 'Size of the database on disk', labels: [], known: ALONE },
] as const satisfies readonly FleetMetric[];

export type FleetGaugeName = (typeof FLEET_GAUGES)[number]['name'];

function toLabels(name: string, values: readonly string[]): readonly Labels[] {
  return values.map((value) => ({ [name]: value }));
}

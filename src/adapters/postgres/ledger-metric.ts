import type { ClientBase } from 'pg';
import type { Counters } from '../../domain/counters.ts';
import { HISTOGRAM_BOUNDS, ROW_OUTCOMES, type HistogramName } from '../../domain/fleet-total.ts';
import type { CallCosts } from '../../engine/page-source.ts';
import type { Database } from './database.ts';
import { runStatement, type Statement } from './page-session.ts';

/** One addition to a total in tb_metric_total, whose names are those of the metrics without the prefix. */
export interface MetricTotal {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Totals as three parallel arrays, the form in which a statement takes them. */
export interface TotalArrays {
  readonly names: readonly string[];
  readonly labels: readonly string[];
  readonly values: readonly number[];
}

const SHARDS = 16;

/**
 * The insert that adds `$n::text[], $n+1::jsonb[], $n+2::float8[]` at shard `$n+3`. In key order, so that two runs which
 * add at once wait for each other at most.
 */
export function buildTotalsSql(first: number): string {
  return `insert into mallsync.tb_metric_total as total (name, labels, shard, value)
    select added.name, added.labels, $${first + 3}::smallint, sum(added.value)
    from unnest($${first}::text[], $${first + 1}::jsonb[], $${first + 2}::float8[]) as added (name, labels, value)
    group by 1, 2 order by 1, 2
    on conflict (name, labels, shard) do update set value = total.value + excluded.value`;
}

const ADD_TOTALS: Statement = { name: 'add-totals', sql: buildTotalsSql(1) };

/** Spreads executions over the rows of a total. */
export function toShard(executionId: number): number {
  return executionId % SHARDS;
}

export function toArrays(totals: readonly MetricTotal[]): TotalArrays {
  const added = totals.filter((total) => total.value !== 0);
  return {
    names: added.map((total) => total.name),
    labels: added.map((total) => JSON.stringify(total.labels)),
    values: added.map((total) => total.value),
  };
}

export async function addTotals(
  database: Database,
  client: ClientBase,
  executionId: number,
  totals: readonly MetricTotal[],
): Promise<void> {
  const { names, labels, values } = toArrays(totals);
  if (names.length === 0) return;
  await runStatement(database, client, ADD_TOTALS, [names, labels, values, toShard(executionId)]);
}

export function buildRowTotals(
  domainType: string,
  counts: Pick<Counters, (typeof ROW_OUTCOMES)[number]>,
): readonly MetricTotal[] {
  return ROW_OUTCOMES.map((outcome) => ({
    name: 'rows_total',
    labels: { domain: domainType, outcome },
    value: counts[outcome],
  }));
}

export function buildCostTotals(costs: CallCosts): readonly MetricTotal[] {
  return [
    ...costs.calls.map(({ endpoint, code, count }) => ({
      name: 'api_requests_total',
      labels: { endpoint, code },
      value: count,
    })),
    ...costs.waits.map(({ cause, waitMs }) => ({
      name: 'api_wait_seconds_total',
      labels: { cause },
      value: waitMs / 1000,
    })),
  ];
}

/** `durationSeconds` null when the run never began. */
export function buildRunTotals(
  domainType: string,
  result: string,
  reason: string,
  durationSeconds: number | null,
): readonly MetricTotal[] {
  const run = { name: 'runs_total', labels: { domain: domainType, result, reason }, value: 1 };
  if (durationSeconds === null) return [run];
  return [run, ...buildHistogramTotals('run_duration_seconds', { domain: domainType }, durationSeconds)];
}

/** What the controller noted of an execution’s end; null where there is nothing to note. */
export interface OutcomeMeasures {
  readonly disagreement: string | null;
  readonly createToStartSeconds: number | null;
  readonly lagSeconds: number | null;
}

export function buildOutcomeTotals(measures: OutcomeMeasures): readonly MetricTotal[] {
  const { disagreement, createToStartSeconds: start, lagSeconds: lag } = measures;
  return [
    ...(disagreement === null
      ? []
      : [{ name: 'outcome_disagreements_total', labels: { case: disagreement }, value: 1 }]),
    ...(start === null ? [] : buildHistogramTotals('job_create_to_start_seconds', {}, start)),
    ...(lag === null ? [] : buildHistogramTotals('outcome_record_lag_seconds', {}, lag)),
  ];
}

/** Buckets are cumulative, as Prometheus reads them. A negative time is one of two clocks: totals only grow. */
function buildHistogramTotals(
  name: HistogramName,
  labels: Readonly<Record<string, string>>,
  seconds: number,
): readonly MetricTotal[] {
  const buckets = HISTOGRAM_BOUNDS[name].filter((bound) => seconds <= bound).map(String);
  return [
    { name: `${name}_sum`, labels, value: Math.max(0, seconds) },
    { name: `${name}_count`, labels, value: 1 },
    ...[...buckets, '+Inf'].map((le) => ({ name: `${name}_bucket`, labels: { ...labels, le }, value: 1 })),
  ];
}

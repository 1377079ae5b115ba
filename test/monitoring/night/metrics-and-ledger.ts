import type { TestDatabase } from '../../support/database.ts';
import type { PrometheusServer, Sample } from '../../support/prometheus-server.ts';

/** `label value, label value` to the sum of the samples that have these. */
export type Sums = Readonly<Record<string, number>>;

/** What is 0 is left out: a series that is there from the start has no row in the ledger. */
export async function readMetric(prometheus: PrometheusServer, expr: string): Promise<Sums> {
  return toSums(await prometheus.query(expr));
}

function toSums(samples: readonly Sample[]): Sums {
  return Object.fromEntries(
    samples
      .filter(({ value }) => value !== 0)
      .map(({ labels, value }) => [
        Object.keys(labels)
          .toSorted()
          .map((name) => labels[name])
          .filter((text) => text !== '')
          .join(' '),
        value,
      ]),
  );
}

/** The same of SQL with the columns `labels` (a text array, in the order of the labels' names) and `value`. */
export async function readLedger(database: TestDatabase, sql: string): Promise<Sums> {
  const rows = await database.query<{ labels: readonly (string | null)[]; value: string | number }>(sql);
  return Object.fromEntries(
    rows
      .map(({ labels, value }): [string, number] => [labels.filter((text) => text).join(' '), Number(value)])
      .filter(([, value]) => value !== 0),
  );
}

/** Each metric with what the ledger says of the same, counted from the rows themselves. */
export const EQUALITIES: readonly (readonly [expr: string, sql: string])[] = [
  [
    'sum by (domain, reason, result) (mallsync_runs_total)',
    `select array[domain_type, failure_reason, status] as labels, count(*) as value
     from mallsync.tb_batch_execution_summary where ended_at is not null group by 1`,
  ],
  [
    'sum by (domain) (mallsync_run_duration_seconds_count)',
    `select array[domain_type] as labels, count(*) as value from mallsync.tb_batch_execution_summary
     where started_at is not null and ended_at is not null group by 1`,
  ],
  ...['inserted', 'updated', 'unchanged', 'rejected', 'stale'].map((outcome): readonly [string, string] => [
    `sum by (domain) (mallsync_rows_total{outcome="${outcome}"})`,
    `select array[domain_type] as labels, sum(${outcome}) as value from mallsync.tb_batch_execution_summary group by 1`,
  ]),
  [
    'sum(mallsync_api_requests_total)',
    'select array[]::text[] as labels, sum(api_calls) as value from mallsync.tb_batch_execution_summary',
  ],
  [
    'sum by (code, endpoint) (mallsync_api_requests_total)',
    `select array[labels ->> 'code', labels ->> 'endpoint'] as labels, sum(value) as value from mallsync.tb_metric_total
     where name = 'api_requests_total' group by 1`,
  ],
  [
    'sum by (domain) (mallsync_rejected_rows_open)',
    `select array[domain_type] as labels, count(*) as value from mallsync.tb_batch_error_log
     where status = 'OPEN' and shop_no is not null group by 1`,
  ],
  [
    'sum by (state) (mallsync_malls)',
    `select array[case when not active then 'inactive' else lower(state) end] as labels, count(*) as value
     from mallsync.tb_mall_config join mallsync.tb_mall_credential using (mall_id) group by 1`,
  ],
  [
    'sum by (state) (mallsync_retry_requests)',
    'select array[lower(state)] as labels, count(*) as value from mallsync.tb_batch_retry_request group by 1',
  ],
  [
    'sum by (domain, mall_id) (mallsync_mall_last_complete_period_end_timestamp_seconds)',
    `select array[domain_type, mall_id::text] as labels, extract(epoch from upper(covered)) as value
     from mallsync.tb_coverage join mallsync.tb_mall_config using (mall_id) where active`,
  ],
  [
    'sum by (domain) (mallsync_missing_nights)',
    `select array[domain_type] as labels, count(*) as value
     from mallsync.tb_mall_config
     cross join unnest(domain_types) as domain_type
     cross join generate_series(date_trunc('day', created_at, 'Asia/Seoul'),
       date_trunc('day', now(), 'Asia/Seoul') - interval '1 day', interval '1 day') as day
     left join mallsync.tb_coverage using (mall_id, domain_type)
     where active and not coalesce(covered, '{}') @> tstzrange(day, day + interval '1 day') group by 1`,
  ],
  [
    'sum by (domain) (mallsync_stale_malls)',
    `select array[domain_type] as labels, count(*) as value
     from mallsync.tb_mall_config cross join unnest(domain_types) as domain_type
     left join mallsync.tb_coverage using (mall_id, domain_type)
     where active and coalesce(upper(covered), created_at) < now() - interval '24 hours' group by 1`,
  ],
];

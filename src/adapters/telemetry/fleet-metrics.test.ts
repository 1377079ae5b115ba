import { expect, it } from 'vitest';
import { buildGauges } from '../../../test/support/fleet-state.ts';
import { renderFleetMetrics } from './fleet-metrics.ts';

it('renders stored totals and gauges in the form that Prometheus reads', async () => {
  const domain = { domain: 'MEMBER' };
  const text = await renderFleetMetrics({
    totals: [
      { name: 'rows_total', labels: { ...domain, outcome: 'inserted' }, value: 12 },
      { name: 'run_duration_seconds_bucket', labels: { ...domain, le: '+Inf' }, value: 3 },
      { name: 'run_duration_seconds_sum', labels: domain, value: 4.5 },
      { name: 'run_duration_seconds_count', labels: domain, value: 3 },
    ],
    gauges: buildGauges({ malls: [{ labels: { state: 'active' }, value: 11 }] }),
  });
  const lines = text.split('\n');
  expect(lines).toContain('# TYPE mallsync_rows_total counter');
  expect(lines).toContain('mallsync_rows_total{domain="MEMBER",outcome="inserted"} 12');
  expect(lines).toContain('# TYPE mallsync_run_duration_seconds histogram');
  expect(lines).toContain('mallsync_run_duration_seconds_bucket{domain="MEMBER",le="+Inf"} 3');
  expect(lines).toContain('mallsync_run_duration_seconds_sum{domain="MEMBER"} 4.5');
  expect(lines).toContain('mallsync_malls{state="active"} 11');
});

it('has every series with known labels from the start', async () => {
  const text = await renderFleetMetrics({ totals: [], gauges: buildGauges() });
  const lines = text.split('\n');
  for (const line of [
    'mallsync_runs_total{domain="ORDER",result="FAILED",reason="AuthFailed"} 0',
    'mallsync_rows_total{domain="SALES",outcome="rejected"} 0',
    'mallsync_schedule_missed_total 0',
    '# TYPE mallsync_schedule_missed_total counter',
    'mallsync_outcome_disagreements_total{case="job_gone_row_live"} 0',
    '# TYPE mallsync_outcome_record_lag_seconds histogram',
    'mallsync_outcome_record_lag_seconds_bucket{le="0.5"} 0',
    'mallsync_job_create_to_start_seconds_count 0',
    'mallsync_run_duration_seconds_bucket{domain="MEMBER",le="10"} 0',
    'mallsync_jobs_active 0',
    'mallsync_malls{state="needs_consent"} 0',
    'mallsync_retry_requests{state="pending"} 0',
    'mallsync_rejected_rows_open{domain="MEMBER"} 0',
    'mallsync_night_malls{state="waiting"} 0',
    'mallsync_night_runs{domain="SALES",state="done_with_rejects"} 0',
    'mallsync_night_failed_malls{reason="Lost"} 0',
    'mallsync_missing_nights{domain="ORDER"} 0',
    'mallsync_stale_malls{domain="ORDER"} 0',
    'mallsync_consents_expiring_malls 0',
    'mallsync_budget_blocked_malls 0',
  ]) {
    expect(lines).toContain(line);
  }
});

it('shows a counted series once, without its zero', async () => {
  const text = await renderFleetMetrics({
    totals: [{ name: 'outcome_disagreements_total', labels: { case: 'job_gone_row_live' }, value: 2 }],
    gauges: buildGauges({ jobs_active: [{ labels: {}, value: 7 }] }),
  });
  expect(text.match(/^mallsync_jobs_active .*$/gm)).toEqual(['mallsync_jobs_active 7']);
  expect(text.match(/^.*job_gone_row_live.*$/gm)).toEqual([
    'mallsync_outcome_disagreements_total{case="job_gone_row_live"} 2',
  ]);
});

import { expect, it } from 'vitest';
import { renderFleetMetrics } from './fleet-metrics.ts';
import type { FleetState } from './fleet-metrics.ts';

const EMPTY: FleetState['gauges'] = {
  jobs_active: [],
  jobs_waiting: [],
  mall_last_complete_period_end_timestamp_seconds: [],
  token_expiry_timestamp_seconds: [],
  malls: [],
  rejected_rows_open: [],
  retry_requests: [],
};

it('renders stored totals and gauges in the form that Prometheus reads', async () => {
  const domain = { domain: 'MEMBER' };
  const { text, contentType } = await renderFleetMetrics({
    totals: [
      { name: 'rows_total', labels: { ...domain, outcome: 'inserted' }, value: 12 },
      { name: 'run_duration_seconds_bucket', labels: { ...domain, le: '+Inf' }, value: 3 },
      { name: 'run_duration_seconds_sum', labels: domain, value: 4.5 },
      { name: 'run_duration_seconds_count', labels: domain, value: 3 },
    ],
    gauges: { ...EMPTY, malls: [{ labels: { state: 'active' }, value: 11 }] },
  });
  expect(contentType).toContain('text/plain');
  const lines = text.split('\n');
  expect(lines).toContain('# TYPE mallsync_rows_total counter');
  expect(lines).toContain('mallsync_rows_total{domain="MEMBER",outcome="inserted"} 12');
  expect(lines).toContain('# TYPE mallsync_run_duration_seconds histogram');
  expect(lines).toContain('mallsync_run_duration_seconds_bucket{domain="MEMBER",le="+Inf"} 3');
  expect(lines).toContain('mallsync_run_duration_seconds_sum{domain="MEMBER"} 4.5');
  expect(lines).toContain('mallsync_malls{state="active"} 11');
});

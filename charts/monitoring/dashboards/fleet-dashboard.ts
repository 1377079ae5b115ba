import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { buildDashboard } from './dashboard.ts';
import { FRESHNESS, NIGHT } from './fleet-night.ts';
import { CONSENTS, DATABASE, QUEUE } from './fleet-means.ts';
import { CAFE24, RUNS_AND_ROWS } from './fleet-work.ts';
import { datasource, domain, namespace, page } from './variables.ts';

export function buildFleetDashboard(): Dashboard {
  return buildDashboard({
    uid: 'mallsync-fleet',
    title: 'mallsync / Fleet',
    about: 'All malls: how last night went, who lacks data, and what the runs cost.',
    variables: [datasource, namespace, domain, page],
    from: 'now-24h',
    refresh: '1m',
    sections: [NIGHT, FRESHNESS, RUNS_AND_ROWS, CAFE24, QUEUE, CONSENTS, DATABASE],
  });
}

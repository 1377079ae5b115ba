import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { CACHES, CLIENT, PAGE, PROCESSES } from './controller-process.ts';
import { LEADER, LOOKS, QUEUES } from './controller-work.ts';
import { buildDashboard } from './dashboard.ts';
import { datasource, namespace, page } from './variables.ts';

export function buildControllerDashboard(): Dashboard {
  return buildDashboard({
    uid: 'mallsync-controller',
    title: 'mallsync / Controller',
    about: 'The controller from inside: leader, queue, looks, API server, caches; and all of mallsync’s processes.',
    variables: [datasource, namespace, page],
    from: 'now-6h',
    refresh: '1m',
    sections: [LEADER, QUEUES, LOOKS, CLIENT, CACHES, PROCESSES, PAGE],
  });
}

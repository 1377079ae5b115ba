import { describe, expect, it } from 'vitest';
import { buildGauges } from '../../../test/support/fleet-state.ts';
import { createSteppedClock } from '../../../test/support/stepped-clock.ts';
import { ClusterError } from '../../controller/cluster-error.ts';
import { PRIORITY } from '../../controller/work-queue-priority.ts';
import { createWorkQueue } from '../../controller/work-queue.ts';
import { runWorkers } from '../../controller/worker-loop.ts';
import { TerminalError } from '../../domain/errors.ts';
import { createControllerMetrics } from './controller-metrics.ts';
import type { FleetState } from './fleet-metrics.ts';

const OPTIONS = {
  controllers: ['mallsync', 'launch'],
  leaseName: 'mallsync-controller',
  process: {
    version: '1.2.3',
    process: 'controller',
    clock: createSteppedClock(),
    askDatabase: () => Promise.resolve(),
  },
} as const;

const FLEET: FleetState = {
  totals: [{ name: 'schedule_missed_total', labels: {}, value: 3 }],
  gauges: buildGauges(),
};

const LOOK = 'name="mallsync",controller="mallsync"';

async function renderLines(metrics = createControllerMetrics(OPTIONS)): Promise<readonly string[]> {
  const { text } = await metrics.render(null);
  return text.split('\n');
}

describe('createControllerMetrics', () => {
  it.each([
    ['counter', 'controller_runtime_reconcile_total{controller="mallsync",result="success"}'],
    ['counter', 'controller_runtime_reconcile_total{controller="launch",result="requeue_after"}'],
    ['counter', 'controller_runtime_reconcile_errors_total{controller="mallsync"}'],
    ['counter', 'controller_runtime_terminal_reconcile_errors_total{controller="mallsync"}'],
    ['counter', 'controller_runtime_reconcile_panics_total{controller="mallsync"}'],
    ['counter', 'controller_runtime_reconcile_timeouts_total{controller="mallsync"}'],
    ['histogram', 'controller_runtime_reconcile_time_seconds_count{controller="mallsync"}'],
    ['gauge', 'controller_runtime_max_concurrent_reconciles{controller="mallsync"}'],
    ['gauge', 'controller_runtime_active_workers{controller="mallsync"}'],
    ['gauge', `workqueue_depth{${LOOK},priority="-100"}`],
    ['counter', `workqueue_adds_total{${LOOK}}`],
    ['counter', `workqueue_retries_total{${LOOK}}`],
    ['histogram', `workqueue_queue_duration_seconds_count{${LOOK}}`],
    ['histogram', `workqueue_work_duration_seconds_count{${LOOK}}`],
    ['gauge', `workqueue_unfinished_work_seconds{${LOOK}}`],
    ['gauge', `workqueue_longest_running_processor_seconds{${LOOK}}`],
    ['gauge', 'leader_election_master_status{name="mallsync-controller"}'],
    ['gauge', 'mallsync_leader_epoch'],
    ['counter', 'mallsync_fleet_metrics_failures_total'],
  ])('has the %s %s with zero from the start', async (type, series) => {
    const lines = await renderLines();
    const name = series.replace(/\{.*/, '').replace(type === 'histogram' ? /_count$/ : /$^/, '');
    expect(lines).toContain(`# TYPE ${name} ${type}`);
    expect(lines).toContain(`${series} 0`);
  });

  it.each([
    ['counter', 'rest_client_requests_total'],
    ['histogram', 'rest_client_request_duration_seconds'],
    ['counter', 'mallsync_cache_watch_ends_total'],
    ['counter', 'process_cpu_seconds_total'],
    ['gauge', 'process_resident_memory_bytes'],
    ['gauge', 'mallsync_build_info'],
    ['gauge', 'mallsync_database_up'],
  ])('knows the %s %s', async (type, name) => {
    expect(await renderLines()).toContain(`# TYPE ${name} ${type}`);
  });

  it('counts what a queue and its workers do', async () => {
    const metrics = createControllerMetrics(OPTIONS);
    const { queue: observer, workers } = metrics.work('mallsync');
    const clock = createSteppedClock();
    const queue = createWorkQueue({ clock, observer });
    metrics.trackWork('mallsync', () => queue.listWorkMs());
    queue.add('hangs', { priority: PRIORITY.act });
    for (const key of ['conflicts', 'throws', 'throws too', 'refused', 'broken', 'waits']) queue.add(key);
    queue.add('waits', { priority: PRIORITY.spec });
    const stop = new AbortController();
    const errors: Record<string, Error> = {
      conflicts: new ClusterError('conflict', 'changed'),
      throws: new ClusterError('unavailable', 'away'),
      'throws too': new ClusterError('unavailable', 'away'),
      refused: new TerminalError('ConfigInvalid', 'no'),
      broken: new RangeError('defect'),
    };
    const gate = Promise.withResolvers<void>();
    const end = runWorkers(
      {
        queue,
        clock,
        workers: 2,
        timeoutMs: 60_000,
        drainMs: 1,
        createReconcileId: () => 'look',
        observers: [workers],
        async reconcile(key) {
          if (key === 'hangs') await gate.promise;
          if (key === 'waits') return { kind: 'later', afterMs: 60_000 };
          const error = errors[key];
          delete errors[key];
          if (error !== undefined) throw error;
          return { kind: 'done' };
        },
      },
      { stop: stop.signal, leading: new AbortController().signal },
    );
    await clock.advance(2_000);
    const lines = await renderLines(metrics);
    const runtime = (name: string, value: number): string =>
      `controller_runtime_${name}{controller="mallsync"} ${value}`;
    const result = (of: string, value: number): string =>
      `controller_runtime_reconcile_total{controller="mallsync",result="${of}"} ${value}`;
    for (const line of [
      result('success', 4),
      result('error', 4),
      result('requeue', 1),
      result('requeue_after', 1),
      runtime('reconcile_errors_total', 4),
      runtime('terminal_reconcile_errors_total', 1),
      runtime('reconcile_panics_total', 1),
      runtime('reconcile_timeouts_total', 0),
      runtime('max_concurrent_reconciles', 2),
      runtime('active_workers', 1),
      runtime('reconcile_time_seconds_count', 10),
      `workqueue_adds_total{${LOOK}} 11`,
      `workqueue_retries_total{${LOOK}} 4`,
      `workqueue_depth{${LOOK},priority="0"} 0`,
      `workqueue_depth{${LOOK},priority="100"} 0`,
      `workqueue_unfinished_work_seconds{${LOOK}} 2`,
      `workqueue_longest_running_processor_seconds{${LOOK}} 2`,
      'workqueue_adds_total{name="launch",controller="launch"} 0',
    ]) {
      expect(lines).toContain(line);
    }
    gate.resolve();
    stop.abort();
    expect(await end).toBe(true);
  });

  it('tells of requests under client-go’s names, and leaves watches out of the latency', async () => {
    const metrics = createControllerMetrics(OPTIONS);
    const request = { method: 'GET', host: 'api:6443', code: '200', seconds: 0.02 };
    metrics.api.onRequest({ ...request, verb: 'get' });
    metrics.api.onRequest({ ...request, verb: 'watch' });
    metrics.api.onRequest({ ...request, verb: 'create', method: 'POST', code: '<error>' });
    metrics.api.onConnectionOpened('calls');
    metrics.api.onConnectionOpened('calls');
    metrics.api.onConnectionClosed('calls');
    const lines = await renderLines(metrics);
    expect(lines).toContain('rest_client_requests_total{code="200",method="GET",host="api:6443"} 2');
    expect(lines).toContain('rest_client_requests_total{code="<error>",method="POST",host="api:6443"} 1');
    expect(lines).toContain('rest_client_request_duration_seconds_count{verb="GET",host="api:6443"} 1');
    expect(lines).toContain('mallsync_api_connections{purpose="calls"} 1');
    expect(lines).toContain('mallsync_api_connections_opened_total{purpose="calls"} 2');
  });

  it('tells how each cache stands', async () => {
    const metrics = createControllerMetrics(OPTIONS);
    const jobs = { hasSynced: true, objects: 5_000, lists: 2, unreadable: 0, silentMs: 1_500 };
    metrics.trackCaches(() => [
      { ...jobs, resource: 'jobs', watchEnds: { closed: 4, gone: 1 } },
      { ...jobs, resource: 'pods', hasSynced: false, silentMs: null, watchEnds: {} },
    ]);
    const lines = await renderLines(metrics);
    expect(lines.filter((line) => line.startsWith('mallsync_cache_'))).toEqual([
      'mallsync_cache_synced{resource="jobs"} 1',
      'mallsync_cache_synced{resource="pods"} 0',
      'mallsync_cache_objects{resource="jobs"} 5000',
      'mallsync_cache_objects{resource="pods"} 5000',
      'mallsync_cache_silent_seconds{resource="jobs"} 1.5',
      'mallsync_cache_lists_total{resource="jobs"} 2',
      'mallsync_cache_lists_total{resource="pods"} 2',
      'mallsync_cache_unreadable_total{resource="jobs"} 0',
      'mallsync_cache_unreadable_total{resource="pods"} 0',
      'mallsync_cache_watch_ends_total{resource="jobs",cause="closed"} 4',
      'mallsync_cache_watch_ends_total{resource="jobs",cause="gone"} 1',
    ]);
  });

  it('leads for as long as it has an epoch', async () => {
    const metrics = createControllerMetrics(OPTIONS);
    metrics.noteTerm(7);
    const leading = await renderLines(metrics);
    expect(leading).toContain('leader_election_master_status{name="mallsync-controller"} 1');
    expect(leading).toContain('mallsync_leader_epoch 7');
    metrics.noteTerm(null);
    const following = await renderLines(metrics);
    expect(following).toContain('leader_election_master_status{name="mallsync-controller"} 0');
    expect(following).toContain('mallsync_leader_epoch 0');
  });

  it('adds the fleet’s series for the leader, and does without them when they cannot be read', async () => {
    const metrics = createControllerMetrics(OPTIONS);
    const asLeader = await metrics.render(() => Promise.resolve(FLEET));
    expect(asLeader.text).toContain('\nmallsync_schedule_missed_total 3\n');
    expect(asLeader.text).toContain('\nmallsync_leader_epoch 0\n');
    const broken = await metrics.render(() => Promise.reject(new Error('away')));
    expect(broken.text).toContain('\nmallsync_fleet_metrics_failures_total 1\n');
    expect(broken.text).not.toContain('mallsync_schedule_missed_total');
  });
});

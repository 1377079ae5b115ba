import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { WorkQueueObserver } from '../../controller/work-queue-entries.ts';
import { PRIORITY } from '../../controller/work-queue-priority.ts';
import type { WorkerObserver } from '../../controller/worker-loop.ts';
import { registerReadMetric } from './read-metric.ts';

/** The bounds of controller-runtime, so that its dashboards fit. */
const RECONCILE_BOUNDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const QUEUE_BOUNDS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1_000];
const OUTCOMES = ['success', 'requeue_after', 'requeue', 'error'] as const;

/** The series of one queue and its workers, under controller-runtime's names. */
export interface WorkMetrics {
  readonly queue: WorkQueueObserver;
  readonly workers: WorkerObserver;
}

/** How long the keys of the queue of that name that are with workers have been there, in milliseconds. */
export type ReadWorkMs = (name: string) => readonly number[];

export function registerWorkMetrics(
  registry: Registry,
  names: readonly string[],
  readWorkMs: ReadWorkMs,
): (name: string) => WorkMetrics {
  const createQueueObserver = registerQueueMetrics(registry, names, readWorkMs);
  const createWorkerObserver = registerWorkerMetrics(registry, names);
  return (name) => ({ queue: createQueueObserver(name), workers: createWorkerObserver(name) });
}

function registerQueueMetrics(
  registry: Registry,
  names: readonly string[],
  readWorkMs: ReadWorkMs,
): (name: string) => WorkQueueObserver {
  const labelNames = ['name', 'controller'] as const;
  const counter = (name: string, help: string): Counter<(typeof labelNames)[number]> =>
    new Counter({ name: `workqueue_${name}_total`, help, labelNames, registers: [registry] });
  const histogram = (name: string, help: string): Histogram<(typeof labelNames)[number]> =>
    new Histogram({
      name: `workqueue_${name}_duration_seconds`,
      help,
      labelNames,
      registers: [registry],
      buckets: QUEUE_BOUNDS,
    });
  const depth = new Gauge({
    name: 'workqueue_depth',
    help: 'Keys that wait for a worker, by priority',
    labelNames: [...labelNames, 'priority'],
    registers: [registry],
  });
  const adds = counter('adds', 'Keys that became due');
  const retries = counter('retries', 'Keys that were put off after a failure');
  const queued = histogram('queue', 'How long a due key waited for a worker');
  const worked = histogram('work', 'How long a worker had a key');
  registerWorkAges(registry, names, readWorkMs);
  for (const name of names) {
    const labels = { name, controller: name };
    for (const priority of Object.values(PRIORITY)) depth.set({ ...labels, priority }, 0);
    for (const each of [adds, retries]) each.inc(labels, 0);
    for (const each of [queued, worked]) each.zero(labels);
  }
  return (name) => {
    const labels = { name, controller: name };
    return {
      onReady(priority) {
        adds.inc(labels);
        depth.inc({ ...labels, priority });
      },
      onRaised(before, after) {
        depth.dec({ ...labels, priority: before });
        depth.inc({ ...labels, priority: after });
      },
      onTaken(priority, queuedMs) {
        depth.dec({ ...labels, priority });
        queued.observe(labels, queuedMs / 1_000);
      },
      onReleased: (workMs) => worked.observe(labels, workMs / 1_000),
      onRetry: () => retries.inc(labels),
    };
  };
}

function registerWorkAges(registry: Registry, names: readonly string[], readWorkMs: ReadWorkMs): void {
  const readSeconds = (fold: (workMs: readonly number[]) => number) => () =>
    names.map((name) => ({ labels: { name, controller: name }, value: fold(readWorkMs(name)) / 1_000 }));
  registerReadMetric(registry, {
    type: 'gauge',
    name: 'workqueue_unfinished_work_seconds',
    help: 'For how long workers have had the keys they have, added up',
    labels: ['name', 'controller'],
    read: readSeconds((workMs) => workMs.reduce((sum, each) => sum + each, 0)),
  });
  registerReadMetric(registry, {
    type: 'gauge',
    name: 'workqueue_longest_running_processor_seconds',
    help: 'For how long the slowest worker has had its key',
    labels: ['name', 'controller'],
    read: readSeconds((workMs) => Math.max(0, ...workMs)),
  });
}

function registerWorkerMetrics(registry: Registry, names: readonly string[]): (name: string) => WorkerObserver {
  const labelNames = ['controller'] as const;
  const registers = [registry];
  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Looks by controller and result',
    labelNames: [...labelNames, 'result'],
    registers,
  });
  const counter = (name: string, help: string): Counter<'controller'> =>
    new Counter({ name: `controller_runtime_${name}_total`, help, labelNames, registers });
  const gauge = (name: string, help: string): Gauge<'controller'> =>
    new Gauge({ name: `controller_runtime_${name}`, help, labelNames, registers });
  const errors = counter('reconcile_errors', 'Looks that failed');
  const terminal = counter(
    'terminal_reconcile_errors',
    'Looks that failed in a way that only a person mends, and are not tried again soon',
  );
  const panics = counter('reconcile_panics', 'Looks that failed by a defect of the program');
  const timeouts = counter('reconcile_timeouts', 'Looks that were cut short because they took too long');
  const duration = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'How long a look took',
    labelNames,
    registers,
    buckets: RECONCILE_BOUNDS,
  });
  const most = gauge('max_concurrent_reconciles', 'Workers of a controller');
  const active = gauge('active_workers', 'Workers that have a key');
  for (const controller of names) {
    for (const result of OUTCOMES) total.inc({ controller, result }, 0);
    for (const each of [errors, terminal, panics, timeouts]) each.inc({ controller }, 0);
    for (const each of [most, active]) each.set({ controller }, 0);
    duration.zero({ controller });
  }
  return (controller) => ({
    onWorkers: (count) => most.set({ controller }, count),
    onBegin: () => active.inc({ controller }),
    onEnd(result, durationMs) {
      active.dec({ controller });
      total.inc({ controller, result });
      duration.observe({ controller }, durationMs / 1_000);
    },
    onFailure({ kind, isTimeout }) {
      if (kind === 'conflict') return;
      errors.inc({ controller });
      if (kind === 'terminal') terminal.inc({ controller });
      if (kind === 'panic') panics.inc({ controller });
      if (isTimeout) timeouts.inc({ controller });
    },
  });
}

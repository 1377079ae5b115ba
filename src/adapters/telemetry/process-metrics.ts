import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../domain/clock.ts';
import { runChecks } from './probe-check.ts';
import { registerReadMetric } from './read-metric.ts';

/** A timer that fires oftener costs more than the lag of the event loop is worth knowing. */
const LOOP_SAMPLE_MS = 100;

/** Gauges that prom-client names like counters, which Prometheus' linter refuses. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export type ProcessName = 'controller' | 'serve' | 'admin';

export interface ProcessMetricsOptions {
  readonly version: string;
  readonly process: ProcessName;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Rejects when the database does not answer; one that takes longer than a probe may counts as that too. */
  askDatabase(signal: AbortSignal): Promise<unknown>;
}

/** The series that every long-lived process has of itself: what it is, what it takes, whether it reaches the database. */
export function registerProcessMetrics(registry: Registry, options: ProcessMetricsOptions): void {
  const { version, process, clock } = options;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const info = new Gauge({
    name: 'mallsync_build_info',
    help: 'Always 1; which version runs as which process',
    labelNames: ['version', 'process'],
    registers: [registry],
  });
  info.set({ version, process }, 1);
  const check = {
    name: 'database',
    run: async (signal: AbortSignal) => {
      await options.askDatabase(signal);
      return null;
    },
  };
  registerReadMetric(registry, {
    type: 'gauge',
    name: 'mallsync_database_up',
    help: 'Whether the database answered this process at this scrape',
    labels: [],
    read: async () => [{ labels: {}, value: Number((await runChecks('database', [check], clock)).isPassed) }],
  });
}

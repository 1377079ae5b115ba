import { availableParallelism } from 'node:os';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { ProgressEvent } from '../../adapters/telemetry/progress.ts';
import { openExecutionEnvironment } from './execution-environment.ts';
import type { ExecutionReport, RunReport } from './execution-report.ts';
import { buildLostReport, buildRunReport } from './execution-report.ts';
import type { ExecutionSettings } from './execution-settings.ts';
import { runSlots } from './run-slots.ts';
import { runThreads } from './thread-pool.ts';
import type { WorkItem } from './work-item.ts';
import { orderWorkItems } from './work-item.ts';

export interface RunOptions {
  readonly settings: ExecutionSettings;
  /** Shows in pg_stat_activity. */
  readonly name: string;
  /** Executions at once, over all threads. */
  readonly parallel: number;
  /** Null: one a core where the work is worth it. */
  readonly threads: number | null;
}

export interface RunWatch {
  readonly log: Logger;
  readonly emit: (event: ProgressEvent) => void;
  /** Told of each item as it ends. */
  readonly onReport?: (report: ExecutionReport) => void;
}

/** A thread costs a third of a second and 60 MiB to start, so each has to get some work. */
const ITEMS_WORTH_A_THREAD = 6;

/** Runs all items to their ends, or to the next page border once the signal aborts. */
export async function runItems(
  items: readonly WorkItem[],
  options: RunOptions,
  watch: RunWatch,
  signal: AbortSignal,
): Promise<RunReport> {
  const startMs = performance.now();
  const queue = [...orderWorkItems(items)];
  const reports: ExecutionReport[] = [];
  const ports = {
    log: watch.log,
    emit: watch.emit,
    next: () => (signal.aborted ? null : (queue.shift() ?? null)),
    report(report: ExecutionReport) {
      reports.push(report);
      watch.onReport?.(report);
    },
  };
  const parallel = Math.min(options.parallel, Math.max(items.length, 1));
  const threads = options.threads ?? decideThreads(items.length, parallel, availableParallelism());
  if (threads > 1) {
    const setups = splitSlots(parallel, threads).map((slots, index) => ({
      settings: options.settings,
      name: `${options.name} ${index + 1}`,
      slots,
    }));
    await runThreads(setups, ports, signal);
    if (!signal.aborted) for (const item of queue) ports.report(buildLostReport(item, null));
  } else {
    const environment = await openExecutionEnvironment(options.settings, { name: options.name, slots: parallel });
    try {
      const next = (): Promise<WorkItem | null> => Promise.resolve(ports.next());
      await runSlots(parallel, { ...ports, environment, next }, signal);
    } finally {
      await environment.close();
    }
  }
  return buildRunReport(reports, (performance.now() - startMs) / 1_000);
}

export function decideThreads(items: number, parallel: number, cores: number): number {
  return Math.max(1, Math.min(cores, parallel, Math.floor(items / ITEMS_WORTH_A_THREAD)));
}

function splitSlots(parallel: number, threads: number): readonly number[] {
  const used = Math.min(threads, parallel);
  return Array.from({ length: used }, (_, index) => Math.floor((parallel + index) / used));
}

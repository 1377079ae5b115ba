import { Worker } from 'node:worker_threads';
import type { LogCall, LogFields, Logger } from '../../adapters/telemetry/log.ts';
import type { ProgressEvent } from '../../adapters/telemetry/progress.ts';
import { toSyncError } from '../../domain/errors.ts';
import type { ExecutionReport } from './execution-report.ts';
import { buildLostReport } from './execution-report.ts';
import type { FromThread, ThreadSetup, ToThread } from './thread-messages.ts';
import type { WorkItem } from './work-item.ts';

export interface PoolPorts {
  readonly log: Logger;
  /** The next item, or null when there is none. */
  readonly next: () => WorkItem | null;
  readonly emit: (event: ProgressEvent) => void;
  readonly report: (report: ExecutionReport) => void;
}

/** Runs the threads until each has ended; what a thread that died was running is reported as lost. */
export async function runThreads(setups: readonly ThreadSetup[], ports: PoolPorts, signal: AbortSignal): Promise<void> {
  await Promise.all(setups.map((setup) => runThread(setup, ports, signal)));
}

async function runThread(setup: ThreadSetup, ports: PoolPorts, signal: AbortSignal): Promise<void> {
  const worker = new Worker(new URL('./run-thread.ts', import.meta.url), { workerData: setup });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin, only a window has
  const post = (message: ToThread): void => worker.postMessage(message);
  const underWay = new Set<WorkItem>();
  const onAbort = (): void => post({ kind: 'stop', message: toSyncError(signal.reason).message });
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  worker.on('message', (message: FromThread) => {
    switch (message.kind) {
      case 'want-item': {
        const item = ports.next();
        if (item !== null) underWay.add(item);
        post({ kind: 'item', item });
        return;
      }
      case 'progress':
        ports.emit(message.event);
        return;
      case 'log':
        toForward(ports.log[message.method])(message.message, message.fields);
        return;
      case 'report':
        for (const item of underWay) if (isReportOf(item, message.report)) underWay.delete(item);
        ports.report(message.report);
        return;
      default:
        message satisfies never;
    }
  });
  const death = await new Promise<Error | null>((resolve) => {
    worker.once('error', (error) => resolve(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', () => resolve(null));
  });
  signal.removeEventListener('abort', onAbort);
  if (death !== null) ports.log.error('thread died', { thread: setup.name, error: death });
  for (const item of underWay) ports.report(buildLostReport(item, death));
}

/** The thread's own logger lets nothing but constants through. */
function toForward(call: LogCall): (message: string, fields?: LogFields) => void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the compiler has judged it where it was written
  return call as (message: string, fields?: LogFields) => void;
}

function isReportOf(item: WorkItem, report: ExecutionReport): boolean {
  return (
    item.mall.mallId === report.mallId &&
    item.domainType === report.domainType &&
    item.period.startDate === report.startDate &&
    item.period.endDate === report.endDate
  );
}

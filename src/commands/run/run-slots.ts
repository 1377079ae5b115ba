import type { Logger } from '../../adapters/telemetry/log.ts';
import type { ProgressEvent } from '../../adapters/telemetry/progress.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import type { ExecutionReport } from './execution-report.ts';
import { processItem } from './process-item.ts';
import type { WorkItem } from './work-item.ts';

export interface SlotPorts {
  readonly environment: ExecutionEnvironment;
  readonly log: Logger;
  /** The next item, or null when there is none. */
  readonly next: () => Promise<WorkItem | null>;
  readonly emit: (event: ProgressEvent) => void;
  readonly report: (report: ExecutionReport) => void;
}

/** Works items off, `slots` at once, until there are none or the signal aborts. */
export async function runSlots(slots: number, ports: SlotPorts, signal: AbortSignal): Promise<void> {
  const runSlot = async (): Promise<void> => {
    while (!signal.aborted) {
      const item = await ports.next();
      if (item === null) return;
      ports.report(await processItem(item, ports, signal));
    }
  };
  await Promise.all(Array.from({ length: slots }, runSlot));
}

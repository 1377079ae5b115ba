import type { LogFields, LogMethod } from '../../adapters/telemetry/log.ts';
import type { ProgressEvent } from '../../adapters/telemetry/progress.ts';
import type { ExecutionReport } from './execution-report.ts';
import type { ExecutionSettings } from './execution-settings.ts';
import type { WorkItem } from './work-item.ts';

/** What a thread is started with. */
export interface ThreadSetup {
  readonly settings: ExecutionSettings;
  readonly name: string;
  /** Executions at once in this thread. */
  readonly slots: number;
}

export type ToThread =
  /** The answer to one want-item; null: there is nothing more. */
  { readonly kind: 'item'; readonly item: WorkItem | null } | { readonly kind: 'stop'; readonly message: string };

export type FromThread =
  | { readonly kind: 'want-item' }
  | { readonly kind: 'progress'; readonly event: ProgressEvent }
  | {
      readonly kind: 'log';
      readonly method: LogMethod;
      readonly message: string;
      readonly fields: LogFields | undefined;
    }
  | { readonly kind: 'report'; readonly report: ExecutionReport };

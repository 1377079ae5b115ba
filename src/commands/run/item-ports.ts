import type { Logger } from '../../adapters/telemetry/log.ts';
import type { ProgressEvent } from '../../adapters/telemetry/progress.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';

/** What the run of an item works with and tells. */
export interface ItemPorts {
  readonly environment: ExecutionEnvironment;
  readonly log: Logger;
  readonly emit: (event: ProgressEvent) => void;
}

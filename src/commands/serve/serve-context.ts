import type { Database } from '../../adapters/postgres/database.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { PageMetrics } from '../../adapters/telemetry/page-metrics.ts';
import { createProgressLines } from '../../adapters/telemetry/progress-lines.ts';
import { systemClock, type Clock } from '../../domain/clock.ts';
import { findActor } from '../actor.ts';
import type { CommandIo } from '../command.ts';
import type { RunOptions, RunWatch } from '../run/run-items.ts';
import type { ServeSettings } from './serve-settings.ts';

/** What the parts of `serve` share. */
export interface ServeContext {
  readonly settings: ServeSettings;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly watch: RunWatch;
  readonly options: RunOptions;
  readonly requestedBy: string;
  /** Null where no page is served. */
  readonly pageMetrics: PageMetrics | null;
}

/** What differs between the commands that serve. */
export type ServeParts = Pick<ServeContext, 'settings' | 'database' | 'log' | 'pageMetrics'> & {
  /** The command's, as its runs record it. */
  readonly name: string;
};

export function createServeContext({ name, ...parts }: ServeParts, io: CommandIo): ServeContext {
  const { settings, log } = parts;
  return {
    ...parts,
    clock: systemClock,
    watch: { log, emit: createProgressLines(log, io.stderr.write).show },
    options: { settings, name, parallel: settings.parallel, threads: settings.threads },
    requestedBy: findActor(io.environment),
  };
}

/** One part's failure is logged and leaves the others alone; a stop is no failure. */
export async function guard(
  context: ServeContext,
  task: string,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!signal.aborted) context.log.error('task failed', { task, error });
  }
}

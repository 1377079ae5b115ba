import type { Logger } from '../adapters/telemetry/log.ts';
import { createProgressBars } from '../adapters/telemetry/progress-bars.ts';
import { createProgressLines } from '../adapters/telemetry/progress-lines.ts';
import type { ProgressDisplay } from '../adapters/telemetry/progress.ts';
import type { CommandIo } from './command.ts';
import type { LogSettings } from './log.ts';
import { createCommandLog } from './log.ts';

export interface WatchedRun {
  readonly display: ProgressDisplay;
  readonly log: Logger;
}

/** Bars where a person watches and nothing but warnings has to be said beside them; log lines elsewhere. */
export function createWatchedRun(settings: LogSettings, io: CommandIo): WatchedRun {
  const { terminal } = io.stderr;
  if (terminal === null || settings.logFormat === 'json') {
    const log = createCommandLog(settings, io);
    return { log, display: createProgressLines(log, (line) => io.stderr.write(line)) };
  }
  const display = createProgressBars(terminal);
  const isQuiet = settings.logLevel === 'info';
  const log = createCommandLog({ ...settings, logLevel: isQuiet ? 'warn' : settings.logLevel }, io, (line) =>
    display.writeLine(line),
  );
  return { display, log };
}

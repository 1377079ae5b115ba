import type { Logger } from '../adapters/telemetry/log.ts';
import type { LogLevel } from '../adapters/telemetry/logger.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import type { CommandIo } from './command.ts';

export interface LogSettings {
  readonly logLevel: LogLevel;
  readonly logFormat: 'auto' | 'json' | 'text';
}

/** The command's log, on standard error or wherever its lines have to go instead. */
export function createCommandLog(settings: LogSettings, io: CommandIo, write = io.stderr.write): Logger {
  const auto = io.stderr.terminal === null ? 'json' : 'text';
  return createLogger({
    level: settings.logLevel,
    format: settings.logFormat === 'auto' ? auto : settings.logFormat,
    write,
  });
}

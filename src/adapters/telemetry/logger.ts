import { pino } from 'pino';
import { toLoggedError } from './logged-error.ts';
import type { Logger } from './log.ts';
import { toTextLine } from './text-line.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  /** Takes whole lines, line end included. */
  write(line: string): void;
}

/**
 * The one place where secrets are taken out of what is logged, whatever object they come in with. Personal data is never
 * handed to a logger.
 */
const SECRET_FIELDS = [
  'accessToken',
  'refreshToken',
  'clientSecret',
  'password',
  'authorization',
  'databaseUrl',
  'databaseDirectUrl',
  'encryptionKeys',
] as const;

export function createLogger(options: LoggerOptions): Logger {
  const target = {
    write: (line: string) => options.write(options.format === 'json' ? line : toTextLine(line)),
  };
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: toLoggedError },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[secret]' },
    },
    target,
  );
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
  };
}

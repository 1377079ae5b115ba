import { SyncError } from '../../domain/errors.ts';

export interface LoggedError {
  readonly name: string;
  readonly message: string;
  readonly reason?: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

const DEEPEST_CAUSE = 5;

/** What may be logged of an error. Its other properties are left out: drivers put values of rows into them. */
export function toLoggedError(error: unknown, depth = 0): LoggedError {
  if (isFromThread(error)) return copy(error, depth);
  if (!(error instanceof Error)) return { name: 'NonError', message: String(error) };
  const code = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    message: error.message,
    ...(error instanceof SyncError ? { reason: error.reason } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: toLoggedError(error.cause, depth + 1) }),
  };
}

/** What a thread has made loggable already: no error comes whole over its border. */
function isFromThread(value: unknown): value is LoggedError {
  if (typeof value !== 'object' || value === null || value instanceof Error) return false;
  return 'name' in value && typeof value.name === 'string' && 'message' in value && typeof value.message === 'string';
}

function copy({ name, message, reason, code, stack, cause }: LoggedError, depth: number): LoggedError {
  return {
    name,
    message,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof stack === 'string' ? { stack } : {}),
    ...(cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: toLoggedError(cause, depth + 1) }),
  };
}

import type { FailureReason } from './failure.ts';

/** An error that knows its word in the failure vocabulary. Its two leaves say whether trying again may help. */
export abstract class SyncError extends Error {
  readonly reason: FailureReason;
  abstract readonly isTransient: boolean;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.name = new.target.name;
  }
}

export interface TransientOptions extends ErrorOptions {
  /** The earliest sensible time of the next try, counted from now. */
  readonly retryAfterMs?: number;
  /** A smaller page may succeed where this one did not. */
  readonly maySucceedSmaller?: boolean;
}

/** May succeed when tried again, so it spends the retry budget before it ends a run. */
export class TransientError extends SyncError {
  readonly isTransient = true;
  readonly retryAfterMs: number | undefined;
  readonly maySucceedSmaller: boolean;

  constructor(reason: FailureReason, message: string, options: TransientOptions = {}) {
    super(reason, message, options);
    this.retryAfterMs = options.retryAfterMs;
    this.maySucceedSmaller = options.maySucceedSmaller ?? false;
  }
}

/** Fails the same way however often it is tried. */
export class TerminalError extends SyncError {
  readonly isTransient = false;
}

/** The process no longer owns its execution (fence, lease or settlement by another): stop and write nothing. */
export class LeaseLostError extends SyncError {
  readonly isTransient = false;

  constructor(message: string, options?: ErrorOptions) {
    super('LeaseLost', message, options);
  }
}

/** Work was cut short on request; the checkpoint stands. */
export class StoppedError extends SyncError {
  readonly isTransient = false;

  constructor(message: string, options?: ErrorOptions) {
    super('Stopped', message, options);
  }
}

/** Anything thrown, as a SyncError; what is unknown is a Bug and never taken for transient. */
export function toSyncError(thrown: unknown): SyncError {
  if (thrown instanceof SyncError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new TerminalError('Bug', message, { cause: thrown });
}

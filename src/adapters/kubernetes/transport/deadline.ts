import type { Clock } from '../../../domain/clock.ts';

/** Made once: an abort without a reason would make an error with its stack for every call. */
export const OVER = new Error('the work has ended');

/**
 * Runs `work` under a signal that aborts with the caller's reason, or with `lateness()` after `deadlineMs`. The work has to
 * end when its signal aborts.
 */
export async function withDeadline<T>(
  clock: Clock,
  deadlineMs: number,
  signal: AbortSignal,
  lateness: () => Error,
  work: (scope: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const scope = new AbortController();
  const over = new AbortController();
  const onAbort = (): void => scope.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  void clock.sleep(deadlineMs, over.signal).then(
    () => scope.abort(lateness()),
    () => undefined,
  );
  try {
    return await work(scope.signal);
  } finally {
    signal.removeEventListener('abort', onAbort);
    over.abort(OVER);
  }
}

/** `promise`, or the signal's reason as soon as it aborts; what the promise comes to then is dropped. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

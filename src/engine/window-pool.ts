import type { SyncWindow } from '../domain/window.ts';

/** Runs one window; what it returns is run as well. The signal aborts when another window of the pool has failed. */
export type RunOneWindow = (window: SyncWindow, signal: AbortSignal) => Promise<readonly SyncWindow[]>;

/**
 * Runs windows, a bounded number at once, earliest first. After the first error the others are aborted and awaited, so
 * that nothing writes any more when this rejects with it.
 */
export async function runWindowPool(
  windows: readonly SyncWindow[],
  atOnce: number,
  runOne: RunOneWindow,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...windows];
  const failed = new AbortController();
  const poolSignal = AbortSignal.any([signal, failed.signal]);
  const running = new Set<Promise<void>>();
  const errors: unknown[] = [];

  const runAndQueueParts = async (window: SyncWindow): Promise<void> => {
    try {
      waiting.unshift(...(await runOne(window, poolSignal)));
    } catch (thrown) {
      errors.push(thrown);
      failed.abort(thrown);
    }
  };
  const start = (window: SyncWindow): void => {
    const run: Promise<void> = runAndQueueParts(window).finally(() => running.delete(run));
    running.add(run);
  };

  while (waiting.length > 0 || running.size > 0) {
    while (running.size < atOnce && errors.length === 0 && !signal.aborted) {
      const next = waiting.shift();
      if (next === undefined) break;
      start(next);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (errors.length > 0) throw errors[0];
  signal.throwIfAborted();
}

import type { Clock } from '../domain/clock.ts';
import { LeaseLostError, StoppedError, TransientError } from '../domain/errors.ts';
import type { ReconcileResult } from './reconcile-result.ts';
import type { Taken } from './work-queue-entries.ts';
import { PRIORITY } from './work-queue-priority.ts';
import type { WorkQueue } from './work-queue.ts';
import { judgeFailure, type FailureVerdict } from './worker-loop-verdict.ts';

export interface ReconcileContext {
  /** Aborts when the reconcile has taken too long, and when the workers must not go on. */
  readonly signal: AbortSignal;
  /** Names this one look in logs and Events. */
  readonly reconcileId: string;
}

export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>;

/** How a look ended, in controller-runtime's words. */
export type ReconcileOutcome = 'success' | 'requeue_after' | 'requeue' | 'error';

export interface ReconcileFailure {
  readonly key: string;
  readonly reconcileId: string;
  readonly kind: Exclude<FailureVerdict['kind'], 'lease-lost'>;
  /** It was given all the time there is for one look. */
  readonly isTimeout: boolean;
  readonly error: unknown;
}

/** What telemetry may see of the workers. Observers must not throw. */
export interface WorkerObserver {
  onWorkers?(count: number): void;
  onBegin?(): void;
  onEnd?(outcome: ReconcileOutcome, durationMs: number): void;
  onFailure?(failure: ReconcileFailure): void;
}

export interface WorkerLoopOptions {
  readonly queue: WorkQueue;
  readonly reconcile: Reconcile;
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly workers: number;
  /** For one look. */
  readonly timeoutMs: number;
  /** For the looks that are under way when the stop comes. */
  readonly drainMs: number;
  /** Each to be unique. */
  createReconcileId(): string;
  readonly observers?: readonly WorkerObserver[];
}

export interface WorkerSignals {
  /** No further key is begun. */
  readonly stop: AbortSignal;
  /** Aborts with the end of the leadership: whatever runs is cut short. */
  readonly leading: AbortSignal;
}

/** A password or a right is mended without a word to us: no key is given up for good. */
const TERMINAL_LOOK_MS = 60_000;

/** What the workers of one loop share. */
interface Loop extends WorkerLoopOptions {
  readonly running: Set<AbortController>;
  /** The looks have been cut short: how they end means nothing. */
  isCut: boolean;
}

/**
 * Looks at the keys of the queue until the stop, and shuts the queue down.
 * @returns false when something still ran at the end of the drain time; only after true may the lease be given back
 * @throws LeaseLostError as soon as the leadership has ended: nothing may be written any more
 */
export async function runWorkers(options: WorkerLoopOptions, { stop, leading }: WorkerSignals): Promise<boolean> {
  const { queue, workers } = options;
  const loop: Loop = { ...options, running: new Set(), isCut: false };
  const result = Promise.withResolvers<boolean>();
  const end = new AbortController();
  tell(options, (observer) => observer.onWorkers?.(workers));
  whenAborted(leading, end.signal, () => {
    const lost = toLeaseLost(leading.reason);
    cutShort(loop, lost);
    result.reject(lost);
  });
  whenAborted(stop, end.signal, () => {
    queue.shutDown();
    void after(options.clock, options.drainMs, end.signal, () => result.resolve(false));
  });
  Promise.all(Array.from({ length: workers }, () => work(loop))).then(() => result.resolve(true), result.reject);
  try {
    return await result.promise;
  } finally {
    end.abort();
    cutShort(loop, new StoppedError('the workers have stopped'));
  }
}

/** Rejects with nothing but LeaseLostError. */
async function work(loop: Loop): Promise<void> {
  for (let taken = await loop.queue.take(); taken !== null; taken = await loop.queue.take()) await look(loop, taken);
}

async function look(loop: Loop, taken: Taken): Promise<void> {
  const { queue, clock, timeoutMs } = loop;
  const reconcileId = loop.createReconcileId();
  const abort = new AbortController();
  const timer = new AbortController();
  const beganMs = clock.monotonicMs();
  loop.running.add(abort);
  tell(loop, (observer) => observer.onBegin?.());
  let outcome: ReconcileOutcome = 'error';
  try {
    void after(clock, timeoutMs, timer.signal, () => abort.abort(toTimeout(timeoutMs)));
    outcome = settle(queue, taken, await loop.reconcile(taken.key, { signal: abort.signal, reconcileId }));
  } catch (thrown) {
    outcome = settleFailure(loop, taken, {
      key: taken.key,
      reconcileId,
      isTimeout: abort.signal.aborted,
      error: thrown,
    });
  } finally {
    timer.abort();
    loop.running.delete(abort);
    tell(loop, (observer) => observer.onEnd?.(outcome, clock.monotonicMs() - beganMs));
    queue.release(taken.key);
  }
}

function settle(queue: WorkQueue, { key, priority }: Taken, result: ReconcileResult): ReconcileOutcome {
  queue.forget(key);
  if (result.kind === 'done') return 'success';
  // nobody waits for a later look, however urgent the one was that asked for it
  queue.add(key, { priority: Math.min(priority, PRIORITY.job), delayMs: result.afterMs });
  return 'requeue_after';
}

function settleFailure(
  loop: Loop,
  { key, priority }: Taken,
  failure: Omit<ReconcileFailure, 'kind'>,
): ReconcileOutcome {
  const verdict = judgeFailure(failure.error);
  if (verdict.kind === 'lease-lost') throw verdict.error;
  if (loop.isCut) return 'error';
  // what comes of an abort is thrown in many forms, and says nothing that the time-out does not say
  const kind = failure.isTimeout ? 'error' : verdict.kind;
  tell(loop, (observer) => observer.onFailure?.({ ...failure, kind }));
  if (kind === 'terminal') {
    loop.queue.forget(key);
    loop.queue.add(key, { priority: Math.min(priority, PRIORITY.job), delayMs: TERMINAL_LOOK_MS });
  } else {
    const atLeastMs = verdict.kind === 'error' ? verdict.retryAfterMs : undefined;
    loop.queue.addAfterFailure(key, { priority, atLeastMs });
  }
  return kind === 'conflict' ? 'requeue' : 'error';
}

function cutShort(loop: Loop, reason: unknown): void {
  loop.isCut = true;
  loop.queue.shutDown();
  for (const abort of loop.running) abort.abort(reason);
}

/** Does nothing when `end` aborts first. */
async function after(
  clock: WorkerLoopOptions['clock'],
  delayMs: number,
  end: AbortSignal,
  act: () => void,
): Promise<void> {
  try {
    await clock.sleep(delayMs, end);
  } catch {
    return;
  }
  act();
}

function tell({ observers = [] }: WorkerLoopOptions, say: (observer: WorkerObserver) => void): void {
  for (const observer of observers) say(observer);
}

/** Acts at once when the signal has aborted already, and never after `end` has. */
function whenAborted(signal: AbortSignal, end: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true, signal: end });
}

function toLeaseLost(reason: unknown): LeaseLostError {
  return reason instanceof LeaseLostError ? reason : new LeaseLostError('the leadership has ended', { cause: reason });
}

function toTimeout(timeoutMs: number): TransientError {
  return new TransientError('DeadlineExceeded', `the look took longer than ${timeoutMs} ms`);
}

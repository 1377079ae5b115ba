import { DONE } from '../../src/controller/reconcile-result.ts';
import { createWorkQueue, type WorkQueue } from '../../src/controller/work-queue.ts';
import {
  runWorkers,
  type Reconcile,
  type ReconcileFailure,
  type ReconcileOutcome,
} from '../../src/controller/worker-loop.ts';
import { createSteppedClock, type SteppedClock } from './stepped-clock.ts';

/** Workers over a queue and a clock that only the test moves. */
export interface WorkerWorld {
  readonly clock: SteppedClock;
  readonly queue: WorkQueue;
  readonly stop: AbortController;
  readonly leading: AbortController;
  readonly failures: ReconcileFailure[];
  readonly outcomes: ReconcileOutcome[];
  /** What became of the loop: its result, what it threw, or that it still runs. */
  end: unknown;
}

export const TIMEOUT_MS = 30_000;
export const DRAIN_MS = 20_000;

export function startWorkers(reconcile: Reconcile, workers = 2): WorkerWorld {
  const clock = createSteppedClock();
  const queue = createWorkQueue({ clock });
  const [stop, leading] = [new AbortController(), new AbortController()];
  const world: WorkerWorld = { clock, queue, stop, leading, failures: [], outcomes: [], end: 'runs' };
  let looks = 0;
  void runWorkers(
    {
      queue,
      reconcile,
      clock,
      workers,
      timeoutMs: TIMEOUT_MS,
      drainMs: DRAIN_MS,
      createReconcileId: () => `look-${++looks}`,
      observers: [
        {
          onFailure: (failure) => world.failures.push(failure),
          onEnd: (outcome) => world.outcomes.push(outcome),
        },
      ],
    },
    { stop: stop.signal, leading: leading.signal },
  ).then(
    (isDrained) => (world.end = isDrained),
    (error: unknown) => (world.end = error),
  );
  return world;
}

/** A look that goes on until it is released or aborted; with the reason of its abort. */
export function createHanging(): {
  readonly reconcile: Reconcile;
  readonly reasons: unknown[];
  release(): void;
} {
  const reasons: unknown[] = [];
  const gate = Promise.withResolvers<typeof DONE>();
  return {
    reasons,
    release: () => gate.resolve(DONE),
    reconcile: (_key, { signal }) => {
      const aborted = Promise.withResolvers<typeof DONE>();
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason);
        aborted.reject(new DOMException('This operation was aborted', 'AbortError'));
      });
      return Promise.race([gate.promise, aborted.promise]);
    },
  };
}

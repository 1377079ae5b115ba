import type { Clock } from '../domain/clock.ts';
import { createBackOff } from './back-off.ts';
import { createQueueEntries, type Taken, type WorkQueueObserver } from './work-queue-entries.ts';
import { PRIORITY } from './work-queue-priority.ts';

export interface AddOptions {
  /** Default: that of a Job's event. */
  readonly priority?: number;
  /** Default 0: at once. */
  readonly delayMs?: number;
}

/**
 * Keys that are to be looked at. A key is in it once however often it was added, with the earliest time and the highest
 * priority it was added with, and never with two workers at once: one that is added while a worker has it is handed out
 * once more afterwards.
 */
export interface WorkQueue {
  add(key: string, options?: AddOptions): void;
  /** Waits for the key's back-off, and for `atLeastMs` where that is longer. */
  addAfterFailure(key: string, options: { readonly priority: number; readonly atLeastMs?: number | undefined }): void;
  /** The key's next failure is its first again. */
  forget(key: string): void;
  /** Waits for a key that is due; null once the queue is shut down. */
  take(): Promise<Taken | null>;
  /** Due for every key that was taken, whatever became of it. */
  release(key: string): void;
  /** Hands out nothing more and forgets what waits; keys that are with workers are still to be released. */
  shutDown(): void;
  /** How long workers have had the keys they have. */
  listWorkMs(): readonly number[];
}

export interface WorkQueueOptions {
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly observer?: WorkQueueObserver;
}

export function createWorkQueue({ clock, observer = {} }: WorkQueueOptions): WorkQueue {
  const entries = createQueueEntries(observer);
  const backOff = createBackOff();
  const alarm = createAlarm(clock, handOut);
  const waiters: ((taken: Taken | null) => void)[] = [];
  let isShutDown = false;

  function handOut(): void {
    if (isShutDown) return;
    const nowMs = clock.monotonicMs();
    for (let waiter = waiters[0]; waiter !== undefined; waiter = waiters[0]) {
      const taken = entries.take(nowMs);
      if (taken === null) break;
      waiters.shift();
      waiter(taken);
    }
    const dueMs = entries.advance(nowMs);
    if (dueMs !== null) alarm.ringAt(dueMs);
  }

  function put(key: string, priority: number, delayMs: number): void {
    if (isShutDown) return;
    const nowMs = clock.monotonicMs();
    entries.put(key, priority, nowMs + Math.max(delayMs, 0), nowMs);
    handOut();
  }

  return {
    add: (key, { priority = PRIORITY.job, delayMs = 0 } = {}) => put(key, priority, delayMs),
    addAfterFailure(key, { priority, atLeastMs = 0 }) {
      observer.onRetry?.();
      put(key, priority, Math.max(backOff.nextMs(key), atLeastMs));
    },
    forget: (key) => backOff.forget(key),
    take: () =>
      new Promise((resolve) => {
        if (isShutDown) return resolve(null);
        waiters.push(resolve);
        handOut();
      }),
    release(key) {
      entries.release(key, clock.monotonicMs());
      handOut();
    },
    shutDown() {
      isShutDown = true;
      alarm.stop();
      for (const waiter of waiters.splice(0)) waiter(null);
    },
    listWorkMs: () => entries.listTakenAtMs().map((takenAtMs) => clock.monotonicMs() - takenAtMs),
  };
}

interface Ring {
  readonly dueMs: number;
  readonly abort: AbortController;
}

interface Alarm {
  /** Only the earliest of the times asked for counts; who is woken early asks again. */
  ringAt(dueMs: number): void;
  stop(): void;
}

function createAlarm(clock: WorkQueueOptions['clock'], ring: () => void): Alarm {
  let current: Ring | null = null;

  async function wait(mine: Ring): Promise<void> {
    try {
      await clock.sleep(mine.dueMs - clock.monotonicMs(), mine.abort.signal);
    } catch {
      return;
    }
    if (current === mine) current = null;
    ring();
  }

  return {
    ringAt(dueMs) {
      if (current !== null && current.dueMs <= dueMs) return;
      current?.abort.abort();
      const mine = { dueMs, abort: new AbortController() };
      current = mine;
      void wait(mine);
    },
    stop() {
      current?.abort.abort();
      current = null;
    },
  };
}

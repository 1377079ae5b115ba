import { createHeap, type HeapItem } from './work-queue-heap.ts';

/** A key that a worker has been given; it is given to nobody else until it is released. */
export interface Taken {
  readonly key: string;
  readonly priority: number;
}

/** What telemetry may see of a queue. Observers must not throw. */
export interface WorkQueueObserver {
  /** A key waits for a worker now. */
  onReady?(priority: number): void;
  /** A key that waits for a worker has become more urgent. */
  onRaised?(before: number, after: number): void;
  onTaken?(priority: number, queuedMs: number): void;
  onReleased?(workMs: number): void;
  /** A key is to be tried again after a failure. */
  onRetry?(): void;
}

/**
 * The keys of a queue without workers and timers: all times are arguments, in milliseconds of one clock that never runs
 * backwards.
 */
export interface QueueEntries {
  /** A key that is in already keeps the earlier time and the higher priority. */
  put(key: string, priority: number, dueMs: number, nowMs: number): void;
  /** Of those that are due and with no worker: the highest priority, then the one that has been due for longest. */
  take(nowMs: number): Taken | null;
  /** What was put in meanwhile may be taken from now on. */
  release(key: string, nowMs: number): void;
  /** Lets those that are due wait for a worker. @returns when the next one will be due, null when none is to come */
  advance(nowMs: number): number | null;
  /** Since when workers have had the keys they have. */
  listTakenAtMs(): readonly number[];
}

interface Entry extends HeapItem {
  readonly key: string;
  priority: number;
  dueMs: number;
  isReady: boolean;
  /** Its place in the order of arrival: first of all puts, then of all that became ready. */
  sequence: number;
}

function isDueBefore(a: Entry, b: Entry): boolean {
  return a.dueMs === b.dueMs ? a.sequence < b.sequence : a.dueMs < b.dueMs;
}

function isServedBefore(a: Entry, b: Entry): boolean {
  return a.priority === b.priority ? a.sequence < b.sequence : a.priority > b.priority;
}

export function createQueueEntries(observer: WorkQueueObserver = {}): QueueEntries {
  const entries = new Map<string, Entry>();
  const takenAtMs = new Map<string, number>();
  const delayed = createHeap(isDueBefore);
  const ready = createHeap(isServedBefore);
  let sequence = 0;

  function advance(nowMs: number): number | null {
    for (;;) {
      const entry = delayed.first();
      if (entry === undefined || entry.dueMs > nowMs) return entry?.dueMs ?? null;
      delayed.remove(entry);
      entry.isReady = true;
      entry.sequence = sequence++;
      // one whose key a worker has stays outside of both heaps until that worker releases it
      if (!takenAtMs.has(entry.key)) ready.push(entry);
      observer.onReady?.(entry.priority);
    }
  }

  function merge(entry: Entry, priority: number, dueMs: number): void {
    if (entry.isReady && priority > entry.priority) observer.onRaised?.(entry.priority, priority);
    entry.priority = Math.max(priority, entry.priority);
    if (!entry.isReady) entry.dueMs = Math.min(dueMs, entry.dueMs);
    (entry.isReady ? ready : delayed).moved(entry);
  }

  return {
    advance,
    put(key, priority, dueMs, nowMs) {
      const known = entries.get(key);
      if (known === undefined) {
        const entry = { key, priority, dueMs, isReady: false, sequence: sequence++, heapIndex: -1 };
        entries.set(key, entry);
        delayed.push(entry);
      } else merge(known, priority, dueMs);
      advance(nowMs);
    },
    take(nowMs) {
      advance(nowMs);
      const entry = ready.first();
      if (entry === undefined) return null;
      ready.remove(entry);
      entries.delete(entry.key);
      takenAtMs.set(entry.key, nowMs);
      observer.onTaken?.(entry.priority, nowMs - entry.dueMs);
      return { key: entry.key, priority: entry.priority };
    },
    release(key, nowMs) {
      const sinceMs = takenAtMs.get(key);
      if (sinceMs === undefined) return;
      takenAtMs.delete(key);
      observer.onReleased?.(nowMs - sinceMs);
      const waiting = entries.get(key);
      if (waiting?.isReady === true) ready.push(waiting);
    },
    listTakenAtMs: () => [...takenAtMs.values()],
  };
}

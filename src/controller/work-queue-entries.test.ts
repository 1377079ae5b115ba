import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueueEntries } from './work-queue-entries.ts';

interface ModelEntry {
  readonly key: string;
  readonly putOrder: number;
  priority: number;
  dueMs: number;
  readyOrder: number | null;
}

/** The same contract with a list and no cleverness. */
class Model {
  readonly waiting: ModelEntry[] = [];
  readonly running = new Map<string, number>();
  now = 0;
  #order = 0;

  tick(ms: number): void {
    this.now += ms;
    const due = this.waiting.filter(({ dueMs, readyOrder }) => readyOrder === null && dueMs <= this.now);
    for (const entry of due.sort((a, b) => a.dueMs - b.dueMs || a.putOrder - b.putOrder)) {
      entry.readyOrder = this.#order++;
    }
  }

  put(key: string, priority: number, delayMs: number): void {
    const known = this.waiting.find((entry) => entry.key === key);
    const dueMs = this.now + delayMs;
    if (known === undefined) {
      this.waiting.push({ key, priority, dueMs, putOrder: this.#order++, readyOrder: null });
    } else {
      known.priority = Math.max(known.priority, priority);
      if (known.readyOrder === null) known.dueMs = Math.min(known.dueMs, dueMs);
    }
    this.tick(0);
  }

  take(): { readonly key: string; readonly priority: number } | null {
    const [first] = this.waiting
      .filter(({ key, readyOrder }) => readyOrder !== null && !this.running.has(key))
      .sort((a, b) => b.priority - a.priority || (a.readyOrder ?? 0) - (b.readyOrder ?? 0));
    if (first === undefined) return null;
    this.waiting.splice(this.waiting.indexOf(first), 1);
    this.running.set(first.key, this.now);
    return { key: first.key, priority: first.priority };
  }

  countReady(): number {
    return this.waiting.filter(({ readyOrder }) => readyOrder !== null).length;
  }
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    priority: fc.constantFrom(-100, 0, 100),
    delayMs: fc.constantFrom(0, 0, 1, 5, 20),
  }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constant('release' as const), which: fc.nat({ max: 4 }) }),
  fc.record({ kind: fc.constant('tick' as const), ms: fc.integer({ min: 1, max: 10 }) }),
);

function createObserved(): {
  readonly entries: ReturnType<typeof createQueueEntries>;
  readonly depths: Map<number, number>;
} {
  const depths = new Map<number, number>();
  const shift = (priority: number, by: number): void => void depths.set(priority, (depths.get(priority) ?? 0) + by);
  const entries = createQueueEntries({
    onReady: (priority) => shift(priority, 1),
    onRaised(before, after) {
      shift(before, -1);
      shift(after, 1);
    },
    onTaken: (priority) => shift(priority, -1),
  });
  return { entries, depths };
}

describe('createQueueEntries', () => {
  it('does what a plain list does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const model = new Model();
        const { entries, depths } = createObserved();
        for (const each of steps) {
          if (each.kind === 'tick') model.tick(each.ms);
          else if (each.kind === 'put') {
            model.put(each.key, each.priority, each.delayMs);
            entries.put(each.key, each.priority, model.now + each.delayMs, model.now);
          } else if (each.kind === 'take') {
            const busy = new Set(model.running.keys());
            const taken = entries.take(model.now);
            expect(busy).not.toContain(taken?.key);
            expect(taken).toEqual(model.take());
          } else {
            const key = [...model.running.keys()][each.which];
            if (key !== undefined) {
              model.running.delete(key);
              entries.release(key, model.now);
            }
          }
          const next = model.waiting.filter(({ readyOrder }) => readyOrder === null).map(({ dueMs }) => dueMs);
          expect(entries.advance(model.now)).toBe(next.length === 0 ? null : Math.min(...next));
          expect([...depths.values()].reduce((sum, depth) => sum + depth, 0)).toBe(model.countReady());
          expect(Math.min(0, ...depths.values())).toBe(0);
          expect([...entries.listTakenAtMs()].sort((a, b) => a - b)).toEqual(
            [...model.running.values()].sort((a, b) => a - b),
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('loses nothing: what was put in and not taken comes out in the end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const entries = createQueueEntries();
        const owed = new Set<string>();
        const running = new Set<string>();
        let now = 0;
        for (const each of steps) {
          if (each.kind === 'tick') now += each.ms;
          else if (each.kind === 'put') {
            owed.add(each.key);
            entries.put(each.key, each.priority, now + each.delayMs, now);
          } else if (each.kind === 'take') {
            const taken = entries.take(now);
            if (taken !== null) {
              owed.delete(taken.key);
              running.add(taken.key);
            }
          }
        }
        for (const key of running) entries.release(key, now);
        const left: string[] = [];
        for (let taken = entries.take(now + 20); taken !== null; taken = entries.take(now + 20)) left.push(taken.key);
        expect(left.sort()).toEqual([...owed].sort());
      }),
    );
  });

  it('serves the higher priority first, and equals in the order in which they became due', () => {
    const entries = createQueueEntries();
    entries.put('late', 0, 5, 0);
    entries.put('later', 0, 7, 0);
    entries.put('listed', -100, 0, 0);
    entries.put('early', 0, 0, 0);
    entries.put('urgent', 100, 7, 0);
    const served = Array.from({ length: 5 }, () => entries.take(7)?.key);
    expect(served).toEqual(['urgent', 'early', 'late', 'later', 'listed']);
  });

  it('tells how long a key waited from when it was due, and how long a worker had it', () => {
    const seen: string[] = [];
    const entries = createQueueEntries({
      onTaken: (priority, queuedMs) => seen.push(`taken at ${priority} after ${queuedMs}`),
      onReleased: (workMs) => seen.push(`worked ${workMs}`),
    });
    entries.put('a', 0, 200, 0);
    entries.take(230);
    entries.release('a', 250);
    entries.release('a', 260);
    expect(seen).toEqual(['taken at 0 after 30', 'worked 20']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSteppedClock, type SteppedClock } from '../../test/support/stepped-clock.ts';
import { PRIORITY } from './work-queue-priority.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

interface Handout {
  readonly key: string;
  readonly atMs: number;
  readonly priority: number;
}

/** One worker after another that gives each key back at once. */
function startTaker(queue: WorkQueue, clock: SteppedClock): readonly Handout[] {
  const handouts: Handout[] = [];
  const run = async (): Promise<void> => {
    for (let taken = await queue.take(); taken !== null; taken = await queue.take()) {
      handouts.push({ ...taken, atMs: clock.monotonicMs() });
      queue.release(taken.key);
    }
  };
  void run();
  return handouts;
}

function setUp(): { readonly queue: WorkQueue; readonly clock: SteppedClock } {
  const clock = createSteppedClock();
  return { clock, queue: createWorkQueue({ clock }) };
}

describe('createWorkQueue', () => {
  it('gathers what is added with a delay into one look, and lets an urgent add win', async () => {
    const { queue, clock } = setUp();
    const handouts = startTaker(queue, clock);
    queue.add('a', { delayMs: 200 });
    await clock.advance(50);
    queue.add('a', { delayMs: 200 });
    queue.add('b', { delayMs: 200 });
    await clock.advance(50);
    queue.add('b', { priority: PRIORITY.spec });
    await clock.advance(1_000);
    expect(handouts).toEqual([
      { key: 'b', atMs: 100, priority: PRIORITY.spec },
      { key: 'a', atMs: 200, priority: PRIORITY.job },
    ]);
  });

  it('wakes for every key at the moment it is due', async () => {
    const add = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      delayMs: fc.integer({ min: 0, max: 30 }),
      pauseMs: fc.integer({ min: 0, max: 10 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(add, { minLength: 1, maxLength: 12 }), async (adds) => {
        const { queue, clock } = setUp();
        const handouts = startTaker(queue, clock);
        const due = new Map<string, number>();
        const expected: string[] = [];
        const settle = (nowMs: number): void => {
          for (const [key, dueMs] of due) {
            if (dueMs > nowMs) continue;
            due.delete(key);
            expected.push(`${key} ${dueMs}`);
          }
        };
        for (const { key, delayMs, pauseMs } of adds) {
          const nowMs = clock.monotonicMs();
          due.set(key, Math.min(due.get(key) ?? Infinity, nowMs + delayMs));
          queue.add(key, { delayMs });
          settle(nowMs);
          await clock.advance(pauseMs);
          settle(nowMs + pauseMs);
        }
        await clock.advance(100);
        settle(Infinity);
        expect(handouts.map(({ key, atMs }) => `${key} ${atMs}`).sort()).toEqual(expected.sort());
      }),
      { numRuns: 50 },
    );
  });

  it('hands a key that is added while a worker has it out once more, and only afterwards', async () => {
    const { queue, clock } = setUp();
    queue.add('a');
    expect(await queue.take()).toEqual({ key: 'a', priority: PRIORITY.job });
    queue.add('a', { priority: PRIORITY.act });
    queue.add('a', { priority: PRIORITY.spec });
    const handouts = startTaker(queue, clock);
    await clock.advance(1_000);
    expect(handouts).toEqual([]);
    expect(queue.listWorkMs()).toEqual([1_000]);
    queue.release('a');
    await clock.advance(1_000);
    expect(handouts).toEqual([{ key: 'a', atMs: 1_000, priority: PRIORITY.act }]);
  });

  it('waits longer after each failure, as long as asked at least, until the key is forgotten', async () => {
    const { queue, clock } = setUp();
    const handouts = startTaker(queue, clock);
    const fail = async (atLeastMs?: number): Promise<number> => {
      const beganMs = clock.monotonicMs();
      queue.addAfterFailure('a', { priority: PRIORITY.job, atLeastMs });
      await clock.advance(5_000);
      return (handouts.at(-1)?.atMs ?? NaN) - beganMs;
    };
    expect([await fail(), await fail(), await fail(1_000), await fail()]).toEqual([5, 10, 1_000, 40]);
    queue.forget('a');
    expect(await fail()).toBe(5);
  });

  it('hands out nothing more once it is shut down', async () => {
    const { queue, clock } = setUp();
    const waiting = queue.take();
    queue.add('late', { delayMs: 10 });
    queue.shutDown();
    queue.add('later');
    await clock.advance(100);
    expect(await waiting).toBeNull();
    expect(await queue.take()).toBeNull();
  });
});

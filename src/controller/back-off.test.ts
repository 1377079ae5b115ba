import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBackOff } from './back-off.ts';

describe('createBackOff', () => {
  it('doubles from 5 ms up to five minutes', () => {
    const backOff = createBackOff();
    const delays = Array.from({ length: 20 }, () => backOff.nextMs('a'));
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays.slice(-3)).toEqual([300_000, 300_000, 300_000]);
  });

  it('never falls while a key fails, begins anew once it is forgotten, and is each key’s own', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), isFailure: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const backOff = createBackOff({ firstMs: 5, longestMs: 300 });
        const last = new Map<string, number>();
        for (const { key, isFailure } of steps) {
          if (isFailure) {
            const delayMs = backOff.nextMs(key);
            expect(delayMs).toBe(Math.min(last.has(key) ? (last.get(key) ?? 0) * 2 : 5, 300));
            last.set(key, delayMs);
          } else {
            backOff.forget(key);
            last.delete(key);
          }
        }
      }),
    );
  });
});

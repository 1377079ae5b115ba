import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLaunchPace } from './launch-pace.ts';

describe('the pace of launches', () => {
  it('lets a burst go at once and the rest at the rate', () => {
    const pace = createLaunchPace(10, 20);
    expect(pace.take(50, 0)).toBe(20);
    expect(pace.take(50, 0)).toBe(0);
    expect(pace.waitMs(0)).toBe(100);
    expect(pace.take(50, 500)).toBe(5);
  });

  it('takes no more than is wanted, and what is left stays', () => {
    const pace = createLaunchPace(10, 20);
    expect(pace.take(3, 0)).toBe(3);
    expect(pace.take(50, 0)).toBe(17);
  });

  it('never lets more go in any stretch than the burst and the rate allow', () => {
    const steps = fc.array(fc.record({ wanted: fc.nat(40), afterMs: fc.nat(700) }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(steps, (list) => {
        const pace = createLaunchPace(7, 5);
        const taken: { readonly atMs: number; readonly count: number }[] = [];
        let nowMs = 0;
        for (const { wanted, afterMs } of list) {
          nowMs += afterMs;
          taken.push({ atMs: nowMs, count: pace.take(wanted, nowMs) });
        }
        return taken.every((from, first) => {
          const upTo = taken.slice(first);
          const sum = upTo.reduce((total, { count }) => total + count, 0);
          return sum <= 5 + ((nowMs - from.atMs) / 1_000) * 7 + 1e-6;
        });
      }),
    );
  });

  it('holds nothing back without a rate', () => {
    const pace = createLaunchPace(0, 20);
    expect([pace.take(5_000, 0), pace.waitMs(0)]).toEqual([5_000, 0]);
  });
});

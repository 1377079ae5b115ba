import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowBounds } from '../domain/window.ts';
import { splitWindow } from './split-window.ts';

const START = Date.parse('2025-12-01T00:00:00+09:00');
const aWindow = (seconds: number): WindowBounds => ({
  fromMs: START,
  untilMs: START + seconds * 1000,
  shopNo: 1,
  dateType: 'join',
});

/** Splits until nothing splits further, as the run does; returns the windows that are read. */
function splitFully(window: WindowBounds, count: (window: WindowBounds) => number, ceiling: number): WindowBounds[] {
  const parts = splitWindow(window, count(window), ceiling);
  if (parts.length === 0) return [window];
  return parts.flatMap((part) => splitFully(part, count, ceiling));
}

describe('splitWindow', () => {
  it('covers exactly the window for any count function', () => {
    const anyCount = fc.func(fc.integer({ min: 0, max: 50_000 }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), anyCount, (length, count) => {
        const window = aWindow(length);
        const leaves = splitFully(window, (part) => count(part.fromMs, part.untilMs), 8_000);
        expect(leaves[0]?.fromMs).toBe(window.fromMs);
        expect(leaves.at(-1)?.untilMs).toBe(window.untilMs);
        for (const [index, leaf] of leaves.entries()) {
          expect(leaf.untilMs).toBeGreaterThan(leaf.fromMs);
          expect((leaf.untilMs - leaf.fromMs) % 1000).toBe(0);
          expect(leaf).toMatchObject({ shopNo: 1, dateType: 'join' });
          const next = leaves[index + 1];
          if (next !== undefined) expect(next.fromMs).toBe(leaf.untilMs);
        }
      }),
    );
  });

  it('ends with windows below the ceiling, but for single seconds that hold more', () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 599 }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 50 }), (seconds, ceiling) => {
        const count = (part: WindowBounds): number =>
          seconds.filter((second) => {
            const at = START + second * 1000;
            return at >= part.fromMs && at < part.untilMs;
          }).length;
        const leaves = splitFully(aWindow(600), count, ceiling);
        expect(leaves.reduce((sum, leaf) => sum + count(leaf), 0)).toBe(seconds.length);
        for (const leaf of leaves) {
          if (count(leaf) > ceiling) expect(leaf.untilMs - leaf.fromMs).toBe(1000);
        }
      }),
    );
  });

  it('keeps a window that fits, is of one second, or cannot be counted', () => {
    expect(splitWindow(aWindow(3_600), 8_000, 8_000)).toEqual([]);
    expect(splitWindow(aWindow(1), 9_999, 8_000)).toEqual([]);
    expect(splitWindow(aWindow(3_600), null, 8_000)).toEqual([]);
  });

  it('splits evenly spread rows in one step into windows that fit', () => {
    const parts = splitWindow(aWindow(86_400), 80_000, 8_000);
    expect(parts).toHaveLength(14);
  });
});

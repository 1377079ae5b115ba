import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND_MS } from '../../domain/seoul-time.ts';
import { buildWindows } from './page-source.ts';

describe('the first windows of a period', () => {
  it('cover it exactly, once for each shop and date type, and none is longer than one query may span', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_000_000_000 }),
        fc.integer({ min: 1, max: 40_000_000 }),
        fc.integer({ min: 100_000, max: 8_000_000 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
        fc.uniqueArray(fc.constantFrom('order_date', 'pay_date'), { minLength: 1 }),
        (fromSecond, seconds, longestSeconds, shopNos, dateTypes) => {
          const fromMs = fromSecond * SECOND_MS;
          const untilMs = fromMs + seconds * SECOND_MS;
          const longestRangeMs = longestSeconds * SECOND_MS;
          const period = { startDate: '', endDate: '', fromMs, untilMs };
          const windows = buildWindows(period, shopNos, { dateTypes, longestRangeMs });
          for (const shopNo of shopNos) {
            for (const dateType of dateTypes) {
              const own = windows.filter((window) => window.shopNo === shopNo && window.dateType === dateType);
              expect(own.map((window) => window.fromMs)).toEqual([fromMs, ...own.slice(0, -1).map((w) => w.untilMs)]);
              expect(own.at(-1)?.untilMs).toBe(untilMs);
              expect(own.every((window) => window.untilMs - window.fromMs <= longestRangeMs)).toBe(true);
            }
          }
          expect(windows).toHaveLength(shopNos.length * dateTypes.length * Math.ceil(seconds / longestSeconds));
        },
      ),
    );
  });
});

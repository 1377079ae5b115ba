import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countBefore, createGeneratedDay } from './day-list.ts';

const days = fc.record({ size: fc.integer({ min: 0, max: 3000 }), key: fc.integer() });

it('keeps the rows of a generated day in order and within the day', () => {
  fc.assert(
    fc.property(days, ({ size, key }) => {
      const list = createGeneratedDay(20_000, size, key);
      const seconds = Array.from({ length: size }, (_, position) => list.secondAt(position));
      expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
      expect(seconds.every((second) => second >= 0 && second < 86_400)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it('counts rows before a second as reading all of them does', () => {
  fc.assert(
    fc.property(days, fc.integer({ min: -10, max: 86_500 }), ({ size, key }, second) => {
      const list = createGeneratedDay(20_000, size, key);
      const all = Array.from({ length: size }, (_, position) => list.secondAt(position));
      expect(countBefore(list, second)).toBe(all.filter((time) => time < second).length);
    }),
    { numRuns: 100 },
  );
});

it('has ties on one second', () => {
  const list = createGeneratedDay(20_000, 100, 1);
  expect(list.secondAt(5)).toBe(list.secondAt(4));
});

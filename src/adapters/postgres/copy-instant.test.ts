import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasOffset, isZeroDate, parseDay, parseInstant } from './copy-instant.ts';

const NOON_IN_SEOUL = Date.parse('2025-03-02T12:05:00+09:00');

describe('parseInstant', () => {
  it.each([
    ['2025-03-02T12:05:00+09:00', NOON_IN_SEOUL],
    ['2025-03-02 12:05:00', NOON_IN_SEOUL],
    ['2025-03-02T12:05+09:00', NOON_IN_SEOUL],
    ['2025-03-02T12:05:00.250', NOON_IN_SEOUL + 250],
    ['2025-03-02T03:05:00Z', NOON_IN_SEOUL],
    ['2025-03-01T19:05:00-0800', NOON_IN_SEOUL],
    ['2025-03-02', Date.parse('2025-03-02T00:00:00+09:00')],
    ['2024-02-29 00:00:00', Date.parse('2024-02-29T00:00:00+09:00')],
  ])('reads %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each([
    '',
    '2025-02-29 00:00:00',
    '2025-02-31T25:61:00+09:00',
    '2025-13-01',
    '2025-00-10',
    '0000-00-00 00:00:00',
    '2025-03-02T24:00:00',
    '2025-03-02T12:60:00',
    '2025-03-02T12:05:60',
    '2025-03-02T12',
    '2025-03-02T12:05:00.',
    '2025-03-02T12:05:00+9',
    '2025-03-02T12:05:00+09:00 ',
    '2025/03/02',
    'yesterday',
    '20250302',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeNaN();
  });

  it('agrees with the runtime on every second of the years Cafe24 may mean', () => {
    const range = { min: Date.parse('1900-01-01'), max: Date.parse('2199-12-31') };
    fc.assert(
      fc.property(fc.integer(range), (instantMs) => {
        const text = `${new Date(instantMs).toISOString().slice(0, 19)}+00:00`;
        expect(parseInstant(text)).toBe(Math.floor(instantMs / 1000) * 1000);
      }),
    );
  });
});

describe('the parts of a time', () => {
  it('knows the dates that stand for none', () => {
    expect(['', '0000-00-00', '0000-00-00 00:00:00', '2025-01-01'].map(isZeroDate)).toEqual([true, true, true, false]);
  });

  it('does not take the day for an offset', () => {
    expect(
      ['2025-03-02', '2025-03-02 12:05:00', '2025-03-02T12:05Z', '2025-03-02T12:05:00-08:00'].map(hasOffset),
    ).toEqual([false, false, true, true]);
  });

  it('counts days from 1970', () => {
    expect([parseDay('1970-01-01'), parseDay('1970-01-02'), parseDay('2000-02-30')]).toEqual([0, 1, Number.NaN]);
  });
});

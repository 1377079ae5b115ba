import { describe, expect, it } from 'vitest';
import { addMonths, formatDay, formatTime, parseApiTime, toDay, toSecondOfDay } from './korean-time.ts';

const at = (text: string): number => Date.parse(text) / 1000;

describe('parseApiTime', () => {
  it.each([
    ['2025-03-02', false, '2025-03-02T00:00:00+09:00'],
    ['2025-03-02', true, '2025-03-02T23:59:59+09:00'],
    ['2025-03-02 10:15:30', true, '2025-03-02T10:15:30+09:00'],
    ['2025-03-02T10:15:30', false, '2025-03-02T10:15:30+09:00'],
    ['2025-03-02T10:15:30+09:00', false, '2025-03-02T10:15:30+09:00'],
    ['2025-03-02T01:15:30Z', false, '2025-03-02T10:15:30+09:00'],
  ])('reads %s', (text, endOfDay, expected) => {
    expect(parseApiTime(text, endOfDay)).toBe(at(expected));
  });

  it.each(['2025-02-30', '2025-3-2', '2025-03-02T24:00:00', '2025-03-02T10:61:00', 'yesterday', ''])(
    'refuses %j',
    (text) => {
      expect(parseApiTime(text, false)).toBeUndefined();
    },
  );
});

it('takes days and seconds by the Korean calendar', () => {
  const time = at('2025-12-31T15:00:01Z');
  expect(formatDay(toDay(time))).toBe('2026-01-01');
  expect(formatTime(toSecondOfDay(time))).toBe('00:00:01');
  expect(formatTime(86_399)).toBe('23:59:59');
});

it('adds months by the calendar, ending on the last day that the month has', () => {
  expect(addMonths(at('2025-11-30T10:00:00+09:00'), 3)).toBe(at('2026-02-28T10:00:00+09:00'));
  expect(addMonths(at('2025-01-01T00:00:00+09:00'), 3)).toBe(at('2025-04-01T00:00:00+09:00'));
});

import { expect, it } from 'vitest';
import type { CalendarDay } from '../../adapters/postgres/read-models/calendar-days.ts';
import { buildWeeks, toMonthName } from './month-grid.ts';

function buildDays(month: string, count: number): readonly CalendarDay[] {
  return Array.from({ length: count }, (_, index) => ({
    day: `${month}-${String(index + 1).padStart(2, '0')}`,
    state: 'complete',
    openRejects: 0,
    executionIds: [],
  }));
}

it('puts each day under its weekday, Monday first, and keeps every one', () => {
  const weeks = buildWeeks(buildDays('2025-12', 31));
  expect(weeks).toHaveLength(5);
  expect(weeks[0]?.map((day) => day?.day ?? null)).toEqual([
    '2025-12-01',
    '2025-12-02',
    '2025-12-03',
    '2025-12-04',
    '2025-12-05',
    '2025-12-06',
    '2025-12-07',
  ]);
  expect(weeks.flat().filter((day) => day !== null)).toHaveLength(31);
});

it('leaves the places before the first day empty when that is a Sunday', () => {
  const weeks = buildWeeks(buildDays('2026-03', 31));
  expect(weeks).toHaveLength(6);
  expect(weeks[0]?.map((day) => day?.day ?? null)).toEqual([null, null, null, null, null, null, '2026-03-01']);
});

it('has no sixth week where four hold the month', () => {
  expect(buildWeeks(buildDays('2027-02', 28))).toHaveLength(4);
});

it('names a month in both languages', () => {
  expect(toMonthName('2025-12', 'en')).toBe('December 2025');
  expect(toMonthName('2025-12', 'ko')).toBe('2025년 12월');
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TerminalError } from './errors.ts';
import { buildDaysBefore, parsePeriod, splitAtSeoulDays } from './period.ts';
import { DAY_MS, parseSeoulTime, startOfSeoulDay, toSeoulDay, toSeoulTime } from './seoul-time.ts';

const seconds = (from: string, to: string) =>
  fc.integer({ min: Date.parse(from) / 1000, max: Date.parse(to) / 1000 }).map((second) => second * 1000);
const instants = seconds('1999-01-01T00:00:00Z', '2099-12-31T23:59:59Z');

describe('parsePeriod', () => {
  it('takes an end at second s as up to s + 1 s, and midnight as exclusive, so that both spellings are one period', () => {
    const spelledLong = parsePeriod('2025-12-01T00:00:00', '2025-12-17T23:59:59');
    const spelledShort = parsePeriod('2025-12-01T00:00:00', '2025-12-18T00:00:00');
    expect([spelledLong.fromMs, spelledLong.untilMs]).toEqual([spelledShort.fromMs, spelledShort.untilMs]);
    expect(spelledLong.untilMs).toBe(Date.parse('2025-12-17T15:00:00Z'));
  });

  it('puts adjacent nights next to each other without a gap or an overlap', () => {
    const first = parsePeriod('2025-12-01T00:00:00', '2025-12-01T23:59:59');
    const second = parsePeriod('2025-12-02T00:00:00', '2025-12-02T23:59:59');
    expect(first.untilMs).toBe(second.fromMs);
  });

  it.each([
    ['2025-12-01', '2025-12-02T00:00:00', 'startDate'],
    ['2025-02-30T00:00:00', '2025-12-02T00:00:00', 'startDate'],
    ['2025-12-01T00:00:00', '2025-12-02T00:00:00+09:00', 'endDate'],
    ['2025-12-01T00:00:00', '2025-12-02T24:00:00', 'endDate'],
    ['2025-12-02T00:00:00', '2025-12-02T00:00:00', 'endDate'],
    ['2025-12-02T00:00:00', '2025-12-01T00:00:00', 'endDate'],
  ])('refuses %s to %s and names %s', (startDate, endDate, field) => {
    expect(() => parsePeriod(startDate, endDate)).toThrow(TerminalError);
    expect(() => parsePeriod(startDate, endDate)).toThrow(field);
  });
});

describe('Seoul time', () => {
  it('reads what it writes', () => {
    fc.assert(fc.property(instants, (instant) => parseSeoulTime(toSeoulTime(instant)) === instant));
  });

  it('agrees with the calendar of the Intl database', () => {
    const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Seoul', dateStyle: 'short' });
    fc.assert(fc.property(instants, (instant) => toSeoulDay(instant) === calendar.format(instant)));
  });
});

describe('splitAtSeoulDays', () => {
  it('covers the range exactly, in order, and cuts only at midnights of Seoul', () => {
    const ranges = fc.tuple(instants, fc.integer({ min: 1, max: 90 * 86_400 })).map(([fromMs, length]) => ({
      fromMs,
      untilMs: fromMs + length * 1000,
    }));
    fc.assert(
      fc.property(ranges, (range) => {
        const pieces = splitAtSeoulDays(range);
        expect(pieces[0]?.fromMs).toBe(range.fromMs);
        expect(pieces.at(-1)?.untilMs).toBe(range.untilMs);
        for (const [index, piece] of pieces.entries()) {
          expect(piece.untilMs).toBeGreaterThan(piece.fromMs);
          const next = pieces[index + 1];
          if (next === undefined) continue;
          expect(next.fromMs).toBe(piece.untilMs);
          expect(startOfSeoulDay(next.fromMs)).toBe(next.fromMs);
        }
      }),
    );
  });
});

describe('buildDaysBefore', () => {
  it('is the whole days before the day of the instant, also one tick before midnight', () => {
    const night = Date.parse('2025-12-17T14:59:59.900Z');
    expect(buildDaysBefore(night, 1)).toMatchObject({
      startDate: '2025-12-16T00:00:00',
      endDate: '2025-12-17T00:00:00',
    });
    expect(buildDaysBefore(night + 100, 1).startDate).toBe('2025-12-17T00:00:00');
  });

  it('gives a period that parses to itself', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 30 }), (instant, days) => {
        const period = buildDaysBefore(instant, days);
        expect(parsePeriod(period.startDate, period.endDate)).toEqual(period);
        expect(period.untilMs - period.fromMs).toBe(days * DAY_MS);
      }),
    );
  });
});

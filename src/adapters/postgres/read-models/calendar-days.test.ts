import { describe, expect, it } from 'vitest';
import type { TimeRange } from '../../../domain/period.ts';
import { DAY_MS, toSeoulDay } from '../../../domain/seoul-time.ts';
import { buildCalendar, parseMonth, type CalendarInput } from './calendar-days.ts';

function at(text: string): number {
  return Date.parse(`${text.length === 10 ? `${text}T00:00` : text}:00+09:00`);
}

function ranges(...pairs: readonly (readonly [string, string])[]): readonly TimeRange[] {
  return pairs.map(([from, until]) => ({ fromMs: at(from), untilMs: at(until) }));
}

function build(changes: Partial<CalendarInput> = {}) {
  return buildCalendar({
    month: parseMonth('2026-03'),
    nowMs: at('2026-03-10T08:00'),
    createdAtMs: at('2026-03-03T15:00'),
    firstCoveredMs: null,
    covered: [],
    withRejects: [],
    rejects: [],
    executions: [],
    ...changes,
  });
}

/** One letter a day: complete, rejects, partial, missing, future as `>`, before as `<`. */
function draw(changes: Partial<CalendarInput> = {}): string {
  const letters = { complete: 'c', rejects: 'r', partial: 'p', missing: 'm', future: '>', before: '<' } as const;
  return build(changes)
    .days.map(({ state }) => letters[state])
    .join('');
}

describe('month of a calendar', () => {
  it.each([
    ['2026-03', 31, '2026-03-01', '2026-04-01'],
    ['2026-12', 31, '2026-12-01', '2027-01-01'],
    ['2028-02', 29, '2028-02-01', '2028-03-01'],
  ])('%s has %i Seoul days', (month, days, first, after) => {
    const within = parseMonth(month);
    expect((within.untilMs - within.fromMs) / DAY_MS).toBe(days);
    expect([within.fromMs, within.untilMs].map(toSeoulDay)).toEqual([first, after]);
  });

  it.each(['', '2026-13', '2026-00', '2026-3', '26-03', '2026-03-01', '2026-03 ', '9999-99'])(
    'is refused by name when it is %j',
    (month) => {
      expect(() => parseMonth(month)).toThrow(/^month must be like/);
    },
  );
});

describe('days of a calendar', () => {
  it('are missing from the day the mall is known up to yesterday', () => {
    expect(draw()).toBe('<<mmmmmmm>>>>>>>>>>>>>>>>>>>>>>');
  });

  it('are all missing, none missing or all ahead in other months', () => {
    expect(new Set(draw({ nowMs: at('2026-06-01') }).slice(2))).toEqual(new Set(['m']));
    expect(new Set(draw({ nowMs: at('2026-02-01') }))).toEqual(new Set(['>']));
    expect(new Set(draw({ createdAtMs: at('2026-05-01'), nowMs: at('2026-06-01') }))).toEqual(new Set(['<']));
  });

  it('tell a day that is covered whole from one that is covered in part', () => {
    const covered = ranges(
      ['2026-03-04', '2026-03-06'],
      ['2026-03-06T02:00', '2026-03-07'],
      ['2026-03-08', '2026-03-08T23:59'],
    );
    expect(draw({ covered })).toBe('<<mccpmpm>>>>>>>>>>>>>>>>>>>>>>');
  });

  it('are expected from the first covered day on, when that is before the mall was known', () => {
    const covered = ranges(['2026-03-02', '2026-03-03']);
    expect(draw({ covered, firstCoveredMs: at('2026-03-02') })).toBe('<cmmmmmmm>>>>>>>>>>>>>>>>>>>>>>');
    expect(draw({ firstCoveredMs: at('2026-01-20T13:00') })).toBe('mmmmmmmmm>>>>>>>>>>>>>>>>>>>>>>');
  });

  it('show rejects where a covered day touches some, and not where it is not whole', () => {
    const covered = ranges(['2026-03-03', '2026-03-08'], ['2026-03-08T12:00', '2026-03-09']);
    const withRejects = ranges(['2026-03-04T10:00', '2026-03-05'], ['2026-03-08T12:00', '2026-03-09']);
    expect(draw({ covered, withRejects })).toBe('<<crcccpm>>>>>>>>>>>>>>>>>>>>>>');
  });

  it('are not judged before they are over, whatever of them has been read', () => {
    const covered = ranges(['2026-03-03', '2026-03-10T07:00']);
    expect(draw({ covered })).toBe('<<ccccccc>>>>>>>>>>>>>>>>>>>>>>');
    expect(draw({ covered, nowMs: at('2026-03-11') }).slice(9, 11)).toBe('p>');
  });

  it('count the rejected rows of each window that touches them', () => {
    const [first, second] = [ranges(['2026-03-03', '2026-03-05']), ranges(['2026-03-04T12:00', '2026-03-04T13:00'])];
    const rejects = [
      ...first.map((range) => ({ ...range, entries: 3 })),
      ...second.map((range) => ({ ...range, entries: 4 })),
    ];
    expect(
      build({ rejects })
        .days.slice(1, 5)
        .map(({ openRejects }) => openRejects),
    ).toEqual([0, 3, 7, 0]);
  });

  it('name the three newest executions that touch them', () => {
    const [range] = ranges(['2026-03-03', '2026-03-05']);
    const executions = [9, 7, 5, 3].map((executionId) => ({ fromMs: 0, untilMs: 0, ...range, executionId }));
    expect(
      build({ executions })
        .days.slice(1, 5)
        .map(({ executionIds }) => executionIds),
    ).toEqual([[], [9, 7, 5], [9, 7, 5], []]);
  });
});

describe('missing ranges', () => {
  it('join missing and partial neighbours and end before today', () => {
    const covered = ranges(['2026-03-04', '2026-03-05'], ['2026-03-06T01:00', '2026-03-07']);
    expect(build({ covered }).missingRanges).toEqual([
      { startDate: '2026-03-03T00:00:00', endDate: '2026-03-04T00:00:00', days: 1 },
      { startDate: '2026-03-05T00:00:00', endDate: '2026-03-10T00:00:00', days: 5 },
    ]);
  });

  it('are none where all that is over is covered', () => {
    expect(build({ covered: ranges(['2026-03-01', '2026-03-10']) }).missingRanges).toEqual([]);
  });

  it('stay within the month', () => {
    const { missingRanges } = build({ createdAtMs: at('2026-01-01'), nowMs: at('2026-06-01') });
    expect(missingRanges).toEqual([{ startDate: '2026-03-01T00:00:00', endDate: '2026-04-01T00:00:00', days: 31 }]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planNight } from './night-plan.ts';
import type { LookbackDays, NightPlanInput } from './night-plan.ts';
import { DOMAIN_TYPES } from './domain-type.ts';
import type { TimeRange } from './period.ts';
import { DAY_MS, parseSeoulTime, startOfSeoulDay } from './seoul-time.ts';

function everyDomain(days: number): LookbackDays {
  return { MEMBER: days, ORDER: days, SALES: days };
}

const MIDNIGHT = parseSeoulTime('2025-12-18T00:00:00') ?? 0;

function buildInput(overrides: Partial<NightPlanInput>): NightPlanInput {
  return {
    scheduledAtMs: MIDNIGHT,
    lookbackDays: everyDomain(0),
    catchUpDays: 3,
    malls: [{ mallId: 1, active: true, domainTypes: DOMAIN_TYPES }],
    coverageOf: () => [{ fromMs: MIDNIGHT - 30 * DAY_MS, untilMs: MIDNIGHT - DAY_MS }],
    ...overrides,
  };
}

describe('planNight', () => {
  it('reads yesterday once a domain type when nothing is missing', () => {
    const plan = planNight(buildInput({}));
    expect(plan.map(({ domainType }) => domainType)).toEqual(['MEMBER', 'ORDER', 'SALES']);
    for (const sync of plan) {
      expect(sync).toMatchObject({ kind: 'nightly', mallIds: [1] });
      expect(sync.period).toMatchObject({ startDate: '2025-12-17T00:00:00', endDate: '2025-12-18T00:00:00' });
    }
  });

  it('plans the same night however late in the day it is asked', () => {
    const late = planNight(buildInput({ scheduledAtMs: MIDNIGHT + DAY_MS - 1 }));
    expect(late).toEqual(planNight(buildInput({})));
  });

  it('adds the look-back to the night and does not catch those days up again', () => {
    const plan = planNight(buildInput({ lookbackDays: everyDomain(2), coverageOf: () => [] }));
    const [night, ...rest] = plan.filter(({ domainType }) => domainType === 'ORDER');
    expect(night?.period).toMatchObject({ startDate: '2025-12-15T00:00:00', endDate: '2025-12-18T00:00:00' });
    expect(rest.map(({ period }) => period.startDate)).toEqual(['2025-12-14T00:00:00']);
  });

  it('looks back as far as each domain type is set to, and catches up what lies before that', () => {
    const plan = planNight(
      buildInput({ lookbackDays: { MEMBER: 0, ORDER: 7, SALES: 2 }, catchUpDays: 3, coverageOf: () => [] }),
    );
    const firstDays = (domainType: string): readonly string[] =>
      plan.filter((sync) => sync.domainType === domainType).map(({ period }) => period.startDate.slice(0, 10));
    expect(firstDays('MEMBER')).toEqual(['2025-12-17', '2025-12-16', '2025-12-15', '2025-12-14']);
    expect(firstDays('ORDER')).toEqual(['2025-12-10']);
    expect(firstDays('SALES')).toEqual(['2025-12-15', '2025-12-14']);
  });

  it('catches up only the malls and days that lack coverage, newest day first', () => {
    const gapDay = MIDNIGHT - 3 * DAY_MS;
    const plan = planNight(
      buildInput({
        malls: [
          { mallId: 2, active: true, domainTypes: ['MEMBER'] },
          { mallId: 1, active: true, domainTypes: ['MEMBER'] },
        ],
        coverageOf: (mallId) =>
          mallId === 1
            ? [
                { fromMs: gapDay + DAY_MS, untilMs: MIDNIGHT },
                { fromMs: MIDNIGHT - 9 * DAY_MS, untilMs: gapDay + 3_600_000 },
              ]
            : [],
      }),
    );
    expect(plan.map(({ kind, period, mallIds }) => [kind, period.startDate.slice(0, 10), mallIds])).toEqual([
      ['nightly', '2025-12-17', [1, 2]],
      ['catch-up', '2025-12-16', [2]],
      ['catch-up', '2025-12-15', [1, 2]],
      ['catch-up', '2025-12-14', [2]],
    ]);
  });

  it('leaves out inactive malls and domain types that nobody takes', () => {
    const malls = [
      { mallId: 1, active: false, domainTypes: DOMAIN_TYPES },
      { mallId: 2, active: true, domainTypes: ['SALES' as const] },
    ];
    const plan = planNight(buildInput({ malls }));
    expect(plan).toHaveLength(1);
    expect(plan[0]).toMatchObject({ domainType: 'SALES', mallIds: [2] });
  });

  it('leaves no day of the catch-up uncovered, whatever was covered before', () => {
    const range = fc
      .tuple(fc.integer({ min: 0, max: 10 * 24 }), fc.integer({ min: 1, max: 96 }))
      .map(([startHour, hours]): TimeRange => {
        const fromMs = MIDNIGHT - 10 * DAY_MS + startHour * 3_600_000;
        return { fromMs, untilMs: fromMs + hours * 3_600_000 };
      });
    fc.assert(
      fc.property(fc.array(range, { maxLength: 6 }), fc.nat(4), fc.nat(7), (coverage, lookbackDays, catchUpDays) => {
        const plan = planNight(
          buildInput({ lookbackDays: everyDomain(lookbackDays), catchUpDays, coverageOf: () => coverage }),
        );
        const planned = plan.filter(({ domainType }) => domainType === 'MEMBER').map(({ period }) => period);
        const known = [...coverage, ...planned];
        const firstMs = startOfSeoulDay(MIDNIGHT) - (Math.max(lookbackDays, catchUpDays) + 1) * DAY_MS;
        for (let hourMs = firstMs; hourMs < MIDNIGHT; hourMs += 3_600_000) {
          expect(known.some(({ fromMs, untilMs }) => fromMs <= hourMs && hourMs < untilMs)).toBe(true);
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOMAIN_TYPES } from '../domain/domain-type.ts';
import type { NightPlanInput, PlannedSync } from '../domain/night-plan.ts';
import { planNight } from '../domain/night-plan.ts';
import { DAY_MS, parseSeoulTime } from '../domain/seoul-time.ts';
import { planReread } from '../domain/reread-plan.ts';
import { buildNightDrafts, buildRereadDrafts } from './night-drafts.ts';

const MIDNIGHT = parseSeoulTime('2025-12-18T00:00:00') ?? 0;
const OPTIONS = { scheduledAtMs: MIDNIGHT, pageSize: 500 };

function plan(overrides: Partial<NightPlanInput>): readonly PlannedSync[] {
  return planNight({
    scheduledAtMs: MIDNIGHT,
    lookbackDays: { MEMBER: 0, ORDER: 7, SALES: 0 },
    catchUpDays: 1,
    malls: [
      { mallId: 2, active: true, domainTypes: ['MEMBER', 'ORDER'] },
      { mallId: 1, active: true, domainTypes: ['MEMBER'] },
    ],
    coverageOf: () => [],
    ...overrides,
  });
}

describe('the drafts of a night', () => {
  it('name a domain type and the day that is read, and leave the malls to the admission', () => {
    const [member, order] = buildNightDrafts(plan({}), OPTIONS);
    expect(member).toEqual({
      name: 'nightly-member-20251217',
      labels: { 'mallsync.io/trigger': 'NIGHTLY', 'mallsync.io/night': '20251217' },
      spec: {
        domainType: 'MEMBER',
        startDate: '2025-12-17T00:00:00',
        endDate: '2025-12-18T00:00:00',
        pageSize: 500,
        trigger: 'NIGHTLY',
        requestedBy: 'mallsync nightly',
      },
    });
    expect(order).toMatchObject({ name: 'nightly-order-20251217', spec: { startDate: '2025-12-10T00:00:00' } });
  });

  it('catch a missing day up for the malls that lack it, behind the night', () => {
    const [, , catchUp, ...rest] = buildNightDrafts(plan({}), OPTIONS);
    expect(rest).toEqual([]);
    expect(catchUp?.name).toMatch(/^catchup-member-20251216-[0-9a-z]{13}$/);
    expect(catchUp?.spec).toMatchObject({
      startDate: '2025-12-16T00:00:00',
      endDate: '2025-12-17T00:00:00',
      mallIds: [1, 2],
      trigger: 'NIGHTLY',
      priority: -10,
    });
  });

  it('have the same names at any moment of the day that the night is planned on', () => {
    const late = MIDNIGHT + DAY_MS - 1;
    const drafts = buildNightDrafts(plan({ scheduledAtMs: late }), { ...OPTIONS, scheduledAtMs: late });
    expect(drafts).toEqual(buildNightDrafts(plan({}), OPTIONS));
  });

  it('name what is still missing the next night anew, though day and malls are the same', () => {
    const malls = [{ mallId: 3, active: true, domainTypes: ['MEMBER' as const] }];
    const namesOn = (scheduledAtMs: number): readonly string[] =>
      buildNightDrafts(plan({ scheduledAtMs, malls, catchUpDays: 2 }), { ...OPTIONS, scheduledAtMs })
        .map(({ name }) => name)
        .filter((name) => name.startsWith('catchup-member-20251216-'));
    const [first, second] = [...namesOn(MIDNIGHT), ...namesOn(MIDNIGHT + DAY_MS)];
    expect(second).toMatch(/^catchup-/);
    expect(second).not.toBe(first);
  });

  it('name a thousand malls at most, each mall once', () => {
    const malls = Array.from({ length: 2_345 }, (_, index) => ({
      mallId: index + 1,
      active: true,
      domainTypes: ['MEMBER' as const],
    }));
    const catchUps = buildNightDrafts(plan({ malls }), OPTIONS).slice(1);
    const named = catchUps.map(({ spec }) => spec['mallIds'] as readonly number[]);
    expect(named.map((mallIds) => mallIds.length)).toEqual([1_000, 1_000, 345]);
    expect(named.flat()).toEqual(malls.map(({ mallId }) => mallId));
    expect(new Set(catchUps.map(({ name }) => name)).size).toBe(3);
  });

  it('never share a name when they differ, and always have one that fits a label', () => {
    const night = fc.integer({ min: 0, max: 40 }).map((days) => MIDNIGHT + days * DAY_MS);
    const mallIds = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(night, mallIds), { minLength: 2, maxLength: 6 }), (nights) => {
        const drafts = nights.flatMap(([scheduledAtMs, ids]) => {
          const malls = ids.map((mallId) => ({ mallId, active: true, domainTypes: DOMAIN_TYPES }));
          return buildNightDrafts(plan({ scheduledAtMs, malls, catchUpDays: 3 }), { scheduledAtMs, pageSize: 1_000 });
        });
        const contents = Map.groupBy(drafts, ({ name }) => name);
        for (const [name, same] of contents) {
          expect(name).toMatch(/^[a-z0-9-]{1,63}$/);
          expect(new Set(same.map((draft) => JSON.stringify(draft))).size).toBe(1);
        }
      }),
    );
  });
});

describe('the drafts of a re-read', () => {
  it('are one for the malls of each first day, as a back-fill of all until the night', () => {
    const firsts = new Map([
      [1, MIDNIGHT - 30 * DAY_MS + 3_600_000],
      [2, MIDNIGHT - 9 * DAY_MS],
      [4, MIDNIGHT - 30 * DAY_MS],
      [5, MIDNIGHT],
    ]);
    const malls = [5, 4, 3, 2, 1].map((mallId) => ({ mallId, active: true, domainTypes: ['SALES' as const] }));
    const firstCoveredMs = (mallId: number): number | null => firsts.get(mallId) ?? null;
    const drafts = buildRereadDrafts(planReread({ scheduledAtMs: MIDNIGHT + 5, malls, firstCoveredMs }), OPTIONS);
    expect(drafts.map(({ name, spec }) => [name.slice(0, -14), spec['startDate'], spec['mallIds']])).toEqual([
      ['reread-sales-20251118-20251217', '2025-11-18T00:00:00', [1, 4]],
      ['reread-sales-20251209-20251217', '2025-12-09T00:00:00', [2]],
    ]);
    for (const { spec } of drafts) {
      expect(spec).toMatchObject({ trigger: 'BACKFILL', endDate: '2025-12-18T00:00:00' });
      expect(spec).not.toHaveProperty('reprocess');
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOMAIN_TYPES } from './domain-type.ts';
import type { RunParameters } from './rerun-plan.ts';
import { groupRuns } from './rerun-plan.ts';

const RUN: RunParameters = {
  mallId: 1,
  domainType: 'ORDER',
  startDate: '2025-12-01T00:00:00',
  endDate: '2025-12-02T00:00:00',
  pageSize: 500,
};

describe('groupRuns', () => {
  it('makes one group a domain type and period, its malls in order', () => {
    const groups = groupRuns([
      { ...RUN, mallId: 3 },
      { ...RUN, domainType: 'SALES' },
      { ...RUN, mallId: 2 },
      { ...RUN, endDate: '2025-12-03T00:00:00' },
    ]);
    expect(groups.map(({ domainType, endDate, runs }) => [domainType, endDate, runs.map((run) => run.mallId)])).toEqual(
      [
        ['ORDER', '2025-12-02T00:00:00', [2, 3]],
        ['SALES', '2025-12-02T00:00:00', [1]],
        ['ORDER', '2025-12-03T00:00:00', [1]],
      ],
    );
  });

  it('takes a period for the same however its end is spelled, and keeps the first spelling', () => {
    const groups = groupRuns([RUN, { ...RUN, mallId: 2, endDate: '2025-12-01T23:59:59', pageSize: 10 }]);
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ endDate: '2025-12-02T00:00:00', pageSize: 500 });
    expect(groups[0]?.runs).toHaveLength(2);
  });

  it('keeps of a mall’s several attempts the one that came first', () => {
    const [group] = groupRuns([{ ...RUN, pageSize: 100 }, RUN]);
    expect(group?.runs).toEqual([{ ...RUN, pageSize: 100 }]);
  });

  it('loses no mall and names none twice', () => {
    const run = fc.record({
      mallId: fc.integer({ min: 1, max: 5 }),
      domainType: fc.constantFrom(...DOMAIN_TYPES),
      startDate: fc.constant('2025-12-01T00:00:00'),
      endDate: fc.constantFrom('2025-12-01T23:59:59', '2025-12-02T00:00:00', '2025-12-03T00:00:00'),
      pageSize: fc.integer({ min: 1, max: 1_000 }),
    });
    const dayOf = ({ endDate }: RunParameters): string => (endDate.startsWith('2025-12-03') ? 'two' : 'one');
    fc.assert(
      fc.property(fc.array(run), (runs) => {
        const wanted = new Set(runs.map((each) => `${each.domainType} ${dayOf(each)} ${each.mallId}`));
        const got = groupRuns(runs).flatMap((group) =>
          group.runs.map((each) => `${group.domainType} ${dayOf(each)} ${each.mallId}`),
        );
        expect(got.toSorted()).toEqual([...wanted].toSorted());
      }),
    );
  });
});

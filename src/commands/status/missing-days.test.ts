import { describe, expect, it } from 'vitest';
import { parsePeriod } from '../../domain/period.ts';
import { listMissingDays } from './missing-days.ts';

const range = (from: string, until: string) => parsePeriod(`2025-12-${from}T00:00:00`, `2025-12-${until}T00:00:00`);
const malls = [
  { mallId: 1, domainTypes: ['MEMBER', 'ORDER'] as const },
  { mallId: 2, domainTypes: ['MEMBER'] as const },
];

describe('listMissingDays', () => {
  it('names the days that are not covered from end to end, also of what was never read', () => {
    const covered = [range('01', '03'), { ...range('03', '04'), untilMs: range('03', '04').untilMs - 1_000 }];
    const coverage = [
      { mallId: 1, domainType: 'MEMBER' as const, covered, withRejects: [] },
      { mallId: 2, domainType: 'MEMBER' as const, covered: [range('01', '05')], withRejects: [] },
    ];
    expect(listMissingDays(malls, coverage, range('01', '05'))).toEqual([
      { mallId: 1, domainType: 'MEMBER', missing: ['2025-12-03', '2025-12-04'], withRejects: [] },
      {
        mallId: 1,
        domainType: 'ORDER',
        missing: ['2025-12-01', '2025-12-02', '2025-12-03', '2025-12-04'],
        withRejects: [],
      },
    ]);
  });

  it('keeps days with rejected rows apart from missing ones', () => {
    const coverage = [
      { mallId: 2, domainType: 'MEMBER' as const, covered: [range('01', '03')], withRejects: [range('02', '03')] },
    ];
    expect(listMissingDays(malls.slice(1), coverage, range('01', '04'))).toEqual([
      { mallId: 2, domainType: 'MEMBER', missing: ['2025-12-03'], withRejects: ['2025-12-02'] },
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../adapters/postgres/read-models/rerun-candidates.ts';
import { parseSeoulTime } from '../../domain/seoul-time.ts';
import type { PlanMode } from './plan.ts';
import { planRerun, VERDICTS } from './plan.ts';

const NOON = parseSeoulTime('2025-12-02T12:00:00') ?? 0;
const SITUATION = { nowMs: NOON, nightDeadline: '07:00' };

const FAILED: Candidate = {
  mallId: 1,
  mallName: 'One',
  cafe24MallId: 'one',
  active: true,
  takesDomain: true,
  credentialState: 'ACTIVE',
  domainType: 'ORDER',
  startDate: '2025-12-01T00:00:00',
  endDate: '2025-12-02T00:00:00',
  instanceId: 11,
  pageSize: 100,
  liveExecutionId: null,
  isComplete: false,
  openRejects: 0,
  lastExecutionId: 7,
  lastStatus: 'FAILED',
  lastReason: 'UpstreamUnavailable',
  checkpoint: null,
  lastApiCalls: 40,
  callsPerSecond: 2,
  blockedUntilMs: null,
};

function plan(mode: PlanMode, ...candidates: readonly Partial<Candidate>[]) {
  return planRerun(
    candidates.map((each) => ({ ...FAILED, ...each })),
    { mode, pageSize: null },
    SITUATION,
  );
}

function judged(mode: PlanMode, candidate: Partial<Candidate>) {
  const [item] = plan(mode, candidate).groups.flatMap((group) => group.items);
  return [item?.verdict, item?.why];
}

describe('planRerun', () => {
  it('starts what is not complete, from its begin or its checkpoint', () => {
    expect(judged('resume', {})).toEqual(['start', 'fromBegin']);
    const checkpoint = { windowsDone: 1, windowsTotal: 4, rowsLeft: 950 };
    expect(judged('resume', { checkpoint })).toEqual(['start', 'fromCheckpoint']);
    expect(judged('reprocess', { checkpoint })).toEqual(['start', 'fromCheckpoint']);
  });

  it('leaves what is complete alone unless it is a reprocess, and points at its rejected rows', () => {
    expect(judged('resume', { isComplete: true })).toEqual(['alreadyComplete', 'isComplete']);
    expect(judged('resume', { isComplete: true, openRejects: 3 })).toEqual(['alreadyComplete', 'hasOnlyRejects']);
    expect(judged('reprocess', { isComplete: true })).toEqual(['start', 'readsAgain']);
  });

  it('never starts a second one of what runs', () => {
    for (const mode of ['resume', 'reprocess', 'replay'] as const) {
      expect(judged(mode, { liveExecutionId: 9, openRejects: 1 })).toEqual(['alreadyRunning', 'isRunning']);
    }
  });

  it('replays only where a rejected row is open', () => {
    expect(judged('replay', { openRejects: 2 })).toEqual(['start', 'replaysRows']);
    expect(judged('replay', {})).toEqual(['refused', 'nothingToReplay']);
  });

  it('refuses a mall that is switched off, a domain it is not read for, and a period that is not over', () => {
    expect(judged('resume', { active: false, liveExecutionId: 9 })).toEqual(['refused', 'mallInactive']);
    expect(judged('resume', { takesDomain: false })).toEqual(['refused', 'domainOff']);
    expect(judged('resume', { endDate: '2025-12-02T12:00:00' })).toEqual(['refused', 'periodOpen']);
    expect(judged('resume', { endDate: '2025-12-02T11:59:59' })).toEqual(['start', 'fromBegin']);
  });

  it('warns of a mall without consent, and starts it all the same', () => {
    const made = plan(
      'resume',
      { credentialState: 'NEEDS_CONSENT' },
      { mallId: 2, credentialState: null },
      { mallId: 3 },
    );
    expect(made).toMatchObject({ needsConsent: 2, counts: { start: 3 } });
  });

  it('groups by domain type and period, and counts every verdict', () => {
    const made = plan(
      'resume',
      { mallId: 2 },
      { mallId: 1, isComplete: true },
      { mallId: 3, liveExecutionId: 5 },
      { domainType: 'SALES', active: false },
    );
    expect(made.groups.map(({ domainType, counts }) => [domainType, counts])).toEqual([
      ['ORDER', { start: 1, alreadyRunning: 1, alreadyComplete: 1, refused: 0 }],
      ['SALES', { start: 0, alreadyRunning: 0, alreadyComplete: 0, refused: 1 }],
    ]);
    expect(made.groups[0]?.items.map(({ candidate }) => candidate.mallId)).toEqual([1, 2, 3]);
  });

  it('estimates by what is left at the checkpoint, else by the last complete run, else says that nothing is known', () => {
    const checkpoint = { windowsDone: 1, windowsTotal: 4, rowsLeft: 950 };
    // ten pages of 100 rows, and two counts for each of three windows
    expect(plan('resume', { checkpoint })).toMatchObject({ calls: 16, unknown: 0 });
    expect(plan('resume', { checkpoint: { ...checkpoint, rowsLeft: null } })).toMatchObject({ calls: 40 });
    expect(plan('resume', {})).toMatchObject({ calls: 40, longest: { mallId: 1, mallName: 'One', seconds: 20 } });
    expect(plan('resume', { lastApiCalls: null })).toMatchObject({ calls: 0, unknown: 1 });
    expect(plan('replay', { openRejects: 101 })).toMatchObject({ calls: 2 });
  });

  it('takes a smaller page for more calls', () => {
    const checkpoint = { windowsDone: 0, windowsTotal: 1, rowsLeft: 1_000 };
    const made = planRerun([{ ...FAILED, checkpoint }], { mode: 'resume', pageSize: 10 }, SITUATION);
    expect(made.calls).toBe(102);
    expect(made.groups[0]?.pageSize).toBe(10);
  });

  it('adds up the times of one mall and its block, and lets malls run beside each other', () => {
    const made = plan(
      'resume',
      { blockedUntilMs: NOON + 30_000 },
      { domainType: 'SALES', lastApiCalls: 10 },
      { mallId: 2, mallName: 'Two', lastApiCalls: 90 },
    );
    expect(made.longest).toEqual({ mallId: 1, mallName: 'One', seconds: 55 });
    expect(made.malls).toBe(2);
  });

  it('tells which malls may still run when the next night begins, and when one is under way', () => {
    const elevenHours = 11 * 3_600 * 2;
    expect(plan('resume', { lastApiCalls: elevenHours }).night).toBeNull();
    expect(plan('resume', { lastApiCalls: elevenHours + 10_000 }).night).toEqual({
      night: '2025-12-03',
      malls: 1,
      isUnderWay: false,
    });
    const atNight = planRerun(
      [FAILED],
      { mode: 'resume', pageSize: null },
      {
        ...SITUATION,
        nowMs: parseSeoulTime('2025-12-03T06:59:59') ?? 0,
      },
    );
    expect(atNight.night).toEqual({ night: '2025-12-03', malls: 1, isUnderWay: true });
    const after = planRerun(
      [FAILED],
      { mode: 'resume', pageSize: null },
      {
        ...SITUATION,
        nowMs: parseSeoulTime('2025-12-03T07:00:00') ?? 0,
      },
    );
    expect(after.night).toBeNull();
  });

  it('judges each mall of a period once, and its counts hold all of them', () => {
    const candidate = fc.record({
      mallId: fc.integer({ min: 1, max: 6 }),
      active: fc.boolean(),
      isComplete: fc.boolean(),
      openRejects: fc.nat(3),
      liveExecutionId: fc.option(fc.integer({ min: 1, max: 9 })),
      endDate: fc.constantFrom('2025-12-01T23:59:59', '2025-12-02T00:00:00', '2025-12-05T00:00:00'),
    });
    fc.assert(
      fc.property(fc.array(candidate), fc.constantFrom<PlanMode>('resume', 'reprocess', 'replay'), (given, mode) => {
        const made = plan(mode, ...given);
        const total = VERDICTS.reduce((sum, verdict) => sum + made.counts[verdict], 0);
        const distinct = new Set(given.map(({ mallId, endDate }) => `${mallId} ${endDate >= '2025-12-03'}`));
        expect(total).toBe(distinct.size);
        expect(made.groups.every(({ items }) => items.length > 0)).toBe(true);
      }),
    );
  });
});

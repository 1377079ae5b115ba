import { describe, expect, it } from 'vitest';
import type { PassFindings } from './completeness.ts';
import { judgePass } from './completeness.ts';

const aPass = (changes: Partial<PassFindings> = {}): PassFindings => ({
  distinctSeen: 1_200,
  countBefore: 1_200,
  countAfter: 1_200,
  hasHitCeiling: false,
  isConfirmed: false,
  rereads: 0,
  rejected: 0,
  ...changes,
});

describe('judgePass', () => {
  it('is complete when the counts before and after agree with the distinct keys', () => {
    expect(judgePass(aPass())).toEqual({ kind: 'complete', state: 'COMPLETE' });
  });

  it('tells a window with rejected rows apart', () => {
    expect(judgePass(aPass({ rejected: 1 }))).toEqual({ kind: 'complete', state: 'COMPLETE_WITH_REJECTS' });
  });

  it.each([
    { countBefore: 1_199 },
    { countAfter: 1_201 },
    { distinctSeen: 1_199 },
    { countBefore: 1_199, distinctSeen: 1_199 },
  ])('reads again when %o', (changes) => {
    expect(judgePass(aPass(changes))).toEqual({ kind: 'reread' });
  });

  it('gives up after three re-reads and says what disagreed', () => {
    expect(judgePass(aPass({ distinctSeen: 1_199, rereads: 2 })).kind).toBe('reread');
    const verdict = judgePass(aPass({ distinctSeen: 1_199, rereads: 3 }));
    expect(verdict).toMatchObject({ kind: 'incomplete' });
    expect(verdict.kind === 'incomplete' && verdict.message).toContain('1199');
  });

  it('does not read a window again whose rows lie beyond the largest offset', () => {
    expect(
      judgePass(aPass({ countBefore: 9_500, countAfter: 9_500, distinctSeen: 9_000, hasHitCeiling: true })).kind,
    ).toBe('incomplete');
  });

  it('asks a source without a count for two looks that agree', () => {
    const uncounted = { countBefore: null, countAfter: null };
    expect(judgePass(aPass({ ...uncounted, isConfirmed: true })).kind).toBe('complete');
    expect(judgePass(aPass({ ...uncounted, isConfirmed: false })).kind).toBe('reread');
    expect(judgePass(aPass({ ...uncounted, isConfirmed: false, rereads: 3 })).kind).toBe('incomplete');
  });
});

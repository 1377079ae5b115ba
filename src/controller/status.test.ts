import { describe, expect, it } from 'vitest';
import { buildJob, buildMallSync, buildPending, buildRun, SETTINGS } from '../../test/support/controller-world.ts';
import { DONE, DUPLICATE, failed, NOW_MS, QUEUED, RUNS, statusOf } from '../../test/support/decision-scene.ts';
import { decide } from './decide.ts';
import type { MallSyncStatus } from './mall-sync.ts';
import { hasSameConditions, isWorthSaving } from './status.ts';

describe('counts, rows and failures', () => {
  it('count each mall where its newest run stands, and rows over all attempts', () => {
    const counters = { read: 5, inserted: 1, updated: 2, unchanged: 1, rejected: 1 };
    const first = buildRun({ ...failed('Lost'), executionId: 1, mallId: 1, counters });
    const second = buildRun({ ...RUNS, executionId: 2, mallId: 1, attemptCount: 2, jobName: 'job-2', counters });
    const observed = {
      mallSync: buildMallSync(),
      ledger: { malls: [{ ...buildPending(1), result: 'ADMITTED' as const, executionId: 2 }], runs: [first, second] },
      jobs: [buildJob({ executionId: 2 })],
      pods: [],
      absentJobs: new Set<string>(),
      capacity: { limit: 30, active: 0, ahead: 0 },
    };
    const { status } = decide(observed, NOW_MS, SETTINGS);
    expect(status.malls).toMatchObject({ total: 1, active: 1, failed: 0 });
    expect(status.rows).toEqual({ read: 10, inserted: 2, updated: 4, unchanged: 2, rejected: 2 });
    expect(status.failures).toEqual([]);
  });

  it('names the first twenty malls that failed or were refused, not the stopped ones', () => {
    const runs = [{ ...DONE, status: 'STOPPED' as const }, null, ...Array.from({ length: 30 }, () => failed('Lost'))];
    const { failures, malls } = statusOf(runs, { malls: { 2: DUPLICATE } });
    expect(malls).toMatchObject({ total: 32, stopped: 1, refused: 1, failed: 30 });
    expect(failures.map(({ mallId }) => mallId)).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
    expect(failures[0]).toEqual({ mallId: 2, reason: 'DuplicateRefused', message: DUPLICATE.message });
    expect(failures[1]).toEqual({ mallId: 3, reason: 'Lost', message: 'as it was told', attempt: 1, executionId: 3 });
  });

  it('keep long messages short', () => {
    const message = 'é'.repeat(600);
    const { failures } = statusOf([{ ...failed('Bug'), failureMessage: message }]);
    expect(failures[0]?.message).toBe(`${'é'.repeat(499)}…`);
  });
});

describe('isWorthSaving', () => {
  const before = statusOf([RUNS, QUEUED]);
  const at = (minutes: number): MallSyncStatus =>
    statusOf([RUNS, QUEUED], { previous: before, nowMs: NOW_MS + minutes * 60_000 });

  it('holds for the first status and for whatever says something new', () => {
    expect(isWorthSaving(null, before)).toBe(true);
    expect(isWorthSaving(before, statusOf([DONE, QUEUED], { previous: before }))).toBe(true);
    expect(isWorthSaving(before, { ...before, observedGeneration: 2 })).toBe(true);
    expect(isWorthSaving(before, { ...before, rows: { ...before.rows, read: 1 } })).toBe(true);
  });

  it('does not hold for another next check, unless the named one is long past', () => {
    expect(before.explanation).not.toBe(at(29).explanation);
    expect(isWorthSaving(before, at(29))).toBe(false);
    expect(isWorthSaving(before, at(30))).toBe(true);
    expect(isWorthSaving(at(29), before)).toBe(false);
  });

  it('does not mind the order of keys, as an API server may change it', () => {
    const reversed = Object.fromEntries(Object.entries(before).toReversed()) as unknown as MallSyncStatus;
    expect(isWorthSaving(reversed, before)).toBe(false);
  });

  it('tells other counts from other claims', () => {
    expect(hasSameConditions(before, statusOf([RUNS, RUNS, QUEUED]))).toBe(true);
    expect(hasSameConditions(before, statusOf([DONE, DONE]))).toBe(false);
    expect(hasSameConditions(null, before)).toBe(false);
  });
});

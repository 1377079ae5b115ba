import { describe, expect, it } from 'vitest';
import {
  buildEnd,
  buildJob,
  buildMallSync,
  buildPending,
  buildRun,
  buildSpec,
  SETTINGS,
} from '../../test/support/controller-world.ts';
import { buildObserved, LAUNCHED, NOW_MS, RECORDED, toLine } from '../../test/support/decision-scene.ts';
import { parsePeriod } from '../domain/period.ts';
import { toSeoulTime } from '../domain/seoul-time.ts';
import { decide } from './decide.ts';
import type { Decision, Observed } from './decision.ts';
import type { MallSyncSpec } from './mall-sync.ts';
import type { ObservedJob } from './observed-job.ts';
import type { MallRecord, Run } from './run.ts';

describe('a Job of no run', () => {
  const old = { name: 'other', executionId: 99, createdAtMs: NOW_MS - 15_000 };
  const decideBeside = (job: Partial<ObservedJob>): Decision =>
    decide(
      buildObserved({ mallSync: buildMallSync({ spec: buildSpec({ suspend: true }) }), jobs: [buildJob(job)] }),
      NOW_MS,
      SETTINGS,
    );

  it('is deleted, or released when it has ended', () => {
    expect(decideBeside(old).actions.map(toLine)).toEqual(['delete other']);
    expect(decideBeside({ ...old, end: buildEnd('failed') }).actions.map(toLine)).toEqual(['release other 86400']);
    expect(decideBeside({ ...old, executionId: null }).actions.map(toLine)).toEqual(['delete other']);
  });

  it('is left alone while it is so new that the ledger may know it in a moment', () => {
    const { actions, requeueAfterMs } = decideBeside({ ...old, createdAtMs: NOW_MS - 10_000 });
    expect(actions).toEqual([]);
    expect(requeueAfterMs).toBe(5_000);
  });

  it('is deleted when it is a copy of the Job of a run, whose own Job stays', () => {
    const observed = buildObserved({
      ledger: { malls: [{ ...buildPending(1), result: 'ADMITTED', executionId: 1 }], runs: [buildRun(LAUNCHED)] },
      jobs: [buildJob(), buildJob({ name: 'copy' })],
    });
    expect(decide(observed, NOW_MS, SETTINGS).actions.map(toLine)).toEqual(['delete copy']);
  });
});

describe('admission', () => {
  const decideFor = (spec: Partial<MallSyncSpec>, overrides: Partial<Observed['mallSync']> = {}): Decision =>
    decide(buildObserved({ mallSync: buildMallSync({ spec: buildSpec(spec), ...overrides }) }), NOW_MS, SETTINGS);
  const endIn = (seconds: number): Partial<MallSyncSpec> => ({
    period: parsePeriod('2025-12-01T00:00:00', toSeoulTime(NOW_MS + (seconds - 1) * 1_000)),
  });

  it('is due at once when the period is over', () => {
    expect(decideFor({}).actions.map(toLine)).toEqual(['admit']);
    expect(decideFor(endIn(-3)).actions.map(toLine)).toEqual(['admit']);
  });

  it('waits for a period that ends within ten minutes, and a moment longer for other clocks', () => {
    const { actions, requeueAfterMs, status } = decideFor(endIn(600));
    expect(actions).toEqual([]);
    expect(requeueAfterMs).toBe(602_000);
    expect(status.conditions[0]).toMatchObject({ status: 'False', reason: 'PeriodNotOver' });
    expect(status.completionTime).toBeUndefined();
  });

  it('is refused for good when the period ends later, also when that time has come', () => {
    const { actions, status } = decideFor(endIn(601));
    expect(actions).toEqual([]);
    expect(status.completionTime).toBeDefined();
    expect(status.conditions.map(({ status: value, reason }) => `${value} ${reason}`)).toEqual([
      'False PeriodOpen',
      'False PeriodOpen',
      'False PeriodOpen',
      'True PeriodOpen',
    ]);
    expect(status.malls).toMatchObject({ total: 3, refused: 3 });
    const later = decide(
      buildObserved({ mallSync: buildMallSync({ spec: buildSpec(endIn(601)), status }) }),
      NOW_MS + 1_000_000,
      SETTINGS,
    );
    expect(later.actions).toEqual([]);
    expect(later.status).toEqual(status);
  });

  it('waits while suspended and is refused when cancelled before it began', () => {
    expect(decideFor({ suspend: true })).toMatchObject({ actions: [], requeueAfterMs: null });
    const { actions, status } = decideFor({ cancel: true });
    expect(actions).toEqual([]);
    expect(status.conditions[2]).toMatchObject({ status: 'False', reason: 'Stopped' });
    expect(status.malls).toMatchObject({ total: 3, stopped: 3 });
  });

  it.each<[string, Partial<MallRecord>, Partial<Run> | null, readonly string[]]>([
    ['a run that failed', {}, { ...RECORDED, status: 'FAILED' }, ['admit']],
    ['a refused mall', { result: 'REFUSED' }, null, ['admit']],
    ['a mall of this attempt', { attemptWish: 2 }, { ...RECORDED, status: 'FAILED' }, []],
    ['a completed run', {}, RECORDED, []],
    ['a live run', {}, {}, []],
  ])('a risen attemptCount and %s', (_, mall, run, lines) => {
    const observed = buildObserved({
      mallSync: buildMallSync({ spec: buildSpec({ attemptCount: 2 }) }),
      ledger: {
        malls: [{ ...buildPending(1), result: 'ADMITTED', attemptWish: 1, ...mall }],
        runs: run === null ? [] : [buildRun({ ...LAUNCHED, ...run })],
      },
      jobs:
        run === null
          ? []
          : [
              buildJob({
                hasOutcomeFinalizer: run.isRecorded !== true,
                end: run.isRecorded === true ? buildEnd('failed') : null,
              }),
            ],
    });
    expect(decide(observed, NOW_MS, SETTINGS).actions.map(toLine)).toEqual(lines);
  });
});

describe('a MallSync that has ended', () => {
  const ended = (atMs: number, jobs: readonly Partial<ObservedJob>[] = []): Decision => {
    const first = decide(
      buildObserved({ mallSync: buildMallSync({ spec: buildSpec({ cancel: true }) }) }),
      atMs,
      SETTINGS,
    );
    const spec = buildSpec({ cancel: true, ttlSecondsAfterFinished: 60 });
    const mallSync = buildMallSync({ spec, status: first.status });
    return decide(buildObserved({ mallSync, jobs: jobs.map(buildJob) }), NOW_MS, SETTINGS);
  };

  it('is kept for its time, then deleted', () => {
    expect(ended(NOW_MS - 59_000)).toMatchObject({ actions: [], requeueAfterMs: 1_000 });
    expect(ended(NOW_MS - 60_000).actions.map(toLine)).toEqual(['delete-mall-sync']);
  });

  it('is not deleted before its Jobs are released', () => {
    const lines = ended(NOW_MS - 60_000, [{ end: buildEnd('complete'), createdAtMs: 0 }]).actions.map(toLine);
    expect(lines).toEqual(['release job-1 86400']);
  });

  it('is looked at again while a Job of it is not released', () => {
    expect(ended(NOW_MS, [{ end: buildEnd('complete'), createdAtMs: 0 }]).requeueAfterMs).toBeLessThan(300_000);
  });

  it('is not deleted when it is being deleted', () => {
    const first = decide(buildObserved({ mallSync: buildMallSync({ isDeleting: true }) }), NOW_MS, SETTINGS);
    const spec = buildSpec({ ttlSecondsAfterFinished: 0 });
    const mallSync = buildMallSync({ isDeleting: true, spec, status: first.status });
    expect(decide(buildObserved({ mallSync }), NOW_MS, SETTINGS)).toMatchObject({ actions: [], requeueAfterMs: null });
  });

  it('is not deleted before its end was written', () => {
    const mallSync = buildMallSync({ spec: buildSpec({ cancel: true, ttlSecondsAfterFinished: 0 }) });
    expect(decide(buildObserved({ mallSync }), NOW_MS, SETTINGS)).toMatchObject({ actions: [], requeueAfterMs: 1_000 });
  });
});

describe('the safety net', () => {
  it('looks at what is not over every three to five minutes, at another time for each MallSync', () => {
    const times = ['a', 'b', 'c', 'd'].map((uid) => {
      const malls = [{ ...buildPending(1), result: 'ADMITTED' as const }];
      const ledger = { malls, runs: [buildRun(LAUNCHED)] };
      const mallSync = buildMallSync({ uid });
      return decide(buildObserved({ mallSync, ledger, jobs: [buildJob()] }), NOW_MS, SETTINGS).requeueAfterMs ?? 0;
    });
    expect(new Set(times).size).toBe(4);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(180_000);
    expect(Math.max(...times)).toBeLessThan(300_000);
  });
});

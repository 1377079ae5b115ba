import { describe, expect, it } from 'vitest';
import {
  BEGINNING_MS,
  buildEnd,
  buildJob,
  buildMallSync,
  buildPending,
  buildPod,
  buildRun,
  buildSpec,
  SETTINGS,
} from '../../test/support/controller-world.ts';
import { parsePeriod } from '../domain/period.ts';
import { toSeoulTime } from '../domain/seoul-time.ts';
import { decide } from './decide.ts';
import type { Action, Decision, Observed } from './decision.ts';
import type { MallSyncSpec } from './mall-sync.ts';
import type { ObservedJob, ObservedPod } from './observed-job.ts';
import type { MallRecord, Run } from './run.ts';

const NOW_MS = BEGINNING_MS + 3_600_000;

interface Scene {
  readonly run?: Partial<Run>;
  readonly job?: Partial<ObservedJob> | null;
  readonly pods?: readonly Partial<ObservedPod>[];
  readonly absentJobs?: readonly string[];
  readonly spec?: Partial<MallSyncSpec>;
  readonly isDeleting?: boolean;
}

const LAUNCHED: Partial<Run> = { jobName: 'job-1', launchedAgoMs: 600_000, status: 'RUNNING' };
const COMPLETED: Partial<Run> = { ...LAUNCHED, status: 'COMPLETED', endedAgoMs: 5_000 };
const RECORDED: Partial<Run> = { ...COMPLETED, isRecorded: true };

function buildObserved(overrides: Partial<Observed> = {}): Observed {
  return {
    mallSync: buildMallSync(),
    ledger: { malls: null, runs: [] },
    jobs: [],
    pods: [],
    absentJobs: new Set(),
    capacity: { limit: 30, active: 0, ahead: 0 },
    ...overrides,
  };
}

/** One mall with one run. */
function decideScene({ run, job = {}, pods = [], absentJobs = [], spec, isDeleting = false }: Scene): Decision {
  const malls: readonly MallRecord[] = [{ ...buildPending(1), result: 'ADMITTED', executionId: 1 }];
  const observed = buildObserved({
    mallSync: buildMallSync({ isDeleting, spec: buildSpec({ mallIds: [1], ...spec }) }),
    ledger: { malls, runs: [buildRun({ ...LAUNCHED, ...run })] },
    jobs: job === null ? [] : [buildJob(job)],
    pods: pods.map(buildPod),
    absentJobs: new Set(absentJobs),
  });
  return decide(observed, NOW_MS, SETTINGS);
}

function toLine(action: Action): string {
  if (action.kind === 'mark-launched') return `mark ${action.launches.map(({ jobName }) => jobName).join()}`;
  if (action.kind === 'verify-absence') return `verify ${action.jobName}`;
  if (action.kind === 'release-job') return `release ${action.job.name} ${action.ttlSeconds}`;
  if (action.kind === 'delete-job') return `delete ${action.job.name}`;
  if (action.kind !== 'record') return action.kind;
  const outcomes = action.outcomes.map(({ end, disagreement }) => {
    const told = end === null ? 'seen' : `${end.status} ${end.reason}`;
    return `${told} ${disagreement}`;
  });
  return `record ${outcomes.join()}`;
}

function listLines(scene: Scene): readonly string[] {
  return decideScene(scene).actions.map(toLine);
}

describe('a live run', () => {
  it.each<[string, Scene, readonly string[]]>([
    ['runs', {}, []],
    ['waits for its launch', { run: { launchedAgoMs: null, jobName: null, status: 'REQUESTED' }, job: null }, []],
    ['has a Job that was not noted', { run: { launchedAgoMs: null, jobName: null } }, ['mark job-1']],
    ['has a complete Job', { job: { end: buildEnd('complete') } }, ['record FAILED Bug job_complete_row_live']],
    [
      'has a failed Job and a last word',
      { run: { lastReason: 'UpstreamUnavailable' }, job: { end: buildEnd('failed') } },
      ['record FAILED UpstreamUnavailable null'],
    ],
    ['has a failed Job, no word', { job: { end: buildEnd('failed') } }, ['record FAILED Lost job_failed_row_live']],
    ['has a Job deleted by hand', { job: { isDeleting: true } }, ['record FAILED Lost job_gone_row_live']],
    ['has a Job that the cache lacks', { job: null }, ['verify job-1']],
    ['has a Job that is gone', { job: null, absentJobs: ['job-1'] }, ['record FAILED Lost job_gone_row_live']],
    ['has a new Job that the cache lacks', { run: { launchedAgoMs: 14_000 }, job: null }, []],
    ['is cancelled', { spec: { cancel: true } }, ['record STOPPED Stopped null']],
    [
      'is cancelled unlaunched',
      { run: { launchedAgoMs: null }, job: null, spec: { cancel: true } },
      ['record STOPPED Stopped null'],
    ],
    ['loses its MallSync', { isDeleting: true }, ['record STOPPED Stopped null']],
    ['is suspended with its Job running', { spec: { suspend: true } }, []],
    ['has a Job that Kueue holds', { run: { status: 'REQUESTED' }, job: { isSuspended: true } }, []],
  ])('that %s', (_, scene, lines) => {
    expect(listLines(scene)).toEqual(lines);
  });

  it('is given up with the word of its pod when that cannot start in time, not before, and not while suspended', () => {
    const since = (seconds: number): readonly Partial<ObservedPod>[] => [
      { trouble: { reason: 'ImagePull', message: 'no such image', sinceMs: NOW_MS - seconds * 1_000 } },
    ];
    const run = { status: 'REQUESTED' } as const;
    expect(listLines({ run, pods: since(300) })).toEqual(['record FAILED ImagePull null']);
    expect(listLines({ run, pods: since(299) })).toEqual([]);
    expect(decideScene({ run, pods: since(299) }).requeueAfterMs).toBe(1_000);
    expect(listLines({ run, pods: since(900), job: { isSuspended: true } })).toEqual([]);
    expect(listLines({ run: { status: 'RUNNING' }, pods: since(900) })).toEqual([]);
  });

  it('is not asked for before the cache had time to see its Job', () => {
    expect(decideScene({ run: { launchedAgoMs: 14_000 }, job: null }).requeueAfterMs).toBe(1_000);
    expect(decideScene({ job: null }).requeueAfterMs).toBe(15_000);
  });

  it('has its times measured once its Job has ended', () => {
    const end = buildEnd('failed', { atMs: NOW_MS - 2_500 });
    const [action] = decideScene({ job: { end } }).actions;
    if (action?.kind !== 'record') throw new Error('nothing is recorded');
    expect(action.outcomes[0]).toMatchObject({ createToStartSeconds: 1, lagSeconds: 2.5 });
  });
});

describe('a settled run', () => {
  const complete = buildEnd('complete');
  const failed = buildEnd('failed');

  it.each<[string, Scene, readonly string[]]>([
    ['completed, as its Job', { run: COMPLETED, job: { end: complete } }, ['record seen null']],
    ['completed, its Job failed', { run: COMPLETED, job: { end: failed } }, ['record seen job_failed_row_completed']],
    ['failed, as its Job', { run: { ...COMPLETED, status: 'FAILED' }, job: { end: failed } }, ['record seen null']],
    [
      'failed, its Job complete',
      { run: { ...COMPLETED, status: 'FAILED' }, job: { end: complete } },
      ['record seen job_complete_row_failed'],
    ],
    [
      'was stopped, its Job complete',
      { run: { ...COMPLETED, status: 'STOPPED' }, job: { end: complete } },
      ['record seen job_complete_row_stopped'],
    ],
    ['was stopped, its Job runs', { run: { ...COMPLETED, status: 'STOPPED' } }, ['record seen null']],
    ['completed, its Job ends soon', { run: COMPLETED }, []],
    [
      'completed, its Job does not end',
      { run: { ...COMPLETED, endedAgoMs: 120_000 } },
      ['record seen job_running_row_settled'],
    ],
    [
      'completed, its Job is deleted',
      { run: COMPLETED, job: { isDeleting: true } },
      ['record seen job_gone_row_settled'],
    ],
    ['completed, the cache lacks its Job', { run: COMPLETED, job: null }, ['verify job-1']],
    [
      'completed, its Job is gone',
      { run: COMPLETED, job: null, absentJobs: ['job-1'] },
      ['record seen job_gone_row_settled'],
    ],
    [
      'was stopped unlaunched',
      { run: { ...COMPLETED, status: 'STOPPED', launchedAgoMs: null }, job: null },
      ['record seen null'],
    ],
    ['is recorded, its Job complete', { run: RECORDED, job: { end: complete } }, ['release job-1 600']],
    [
      'is recorded, its Job failed',
      { run: { ...RECORDED, status: 'FAILED' }, job: { end: failed } },
      ['release job-1 86400'],
    ],
    ['completed all the same', { run: RECORDED, job: { end: failed } }, ['release job-1 600']],
    ['is recorded, its Job runs', { run: RECORDED }, ['delete job-1']],
    ['is recorded, its Job being deleted', { run: RECORDED, job: { isDeleting: true } }, ['delete job-1']],
    ['is recorded, its Job released', { run: RECORDED, job: { end: complete, hasOutcomeFinalizer: false } }, []],
    ['is recorded, its Job going', { run: RECORDED, job: { isDeleting: true, hasOutcomeFinalizer: false } }, []],
    ['is recorded, its Job gone', { run: RECORDED, job: null }, []],
  ])('that %s', (_, scene, lines) => {
    expect(listLines(scene)).toEqual(lines);
  });

  it('waits two minutes for its Job to end', () => {
    expect(decideScene({ run: COMPLETED }).requeueAfterMs).toBe(115_000);
  });
});

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

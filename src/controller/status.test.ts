import { describe, expect, it } from 'vitest';
import {
  BEGINNING_MS,
  buildJob,
  buildMallSync,
  buildPending,
  buildPod,
  buildRun,
  buildSpec,
  SETTINGS,
} from '../../test/support/controller-world.ts';
import type { FailureReason } from '../domain/failure.ts';
import { isLive } from '../domain/execution.ts';
import { buildFaultStatus, decide } from './decide.ts';
import type { Capacity } from './decision.ts';
import type { ConditionType, MallSyncSpec, MallSyncStatus } from './mall-sync.ts';
import type { ObservedJob, ObservedPod } from './observed-job.ts';
import type { MallRecord, Run } from './run.ts';
import { hasSameConditions, isWorthSaving } from './status.ts';

const NOW_MS = BEGINNING_MS + 3_600_000;

const DONE = { status: 'COMPLETED', launchedAgoMs: 60_000, isRecorded: true } as const;
const RUNS = { status: 'RUNNING', launchedAgoMs: 60_000 } as const;
const QUEUED = { status: 'REQUESTED', launchedAgoMs: null } as const;
const failed = (failureReason: FailureReason): Partial<Run> => ({
  ...DONE,
  status: 'FAILED',
  failureReason,
  failureMessage: 'as it was told',
});

interface Scene {
  readonly spec?: Partial<MallSyncSpec>;
  readonly malls?: Readonly<Record<number, Partial<MallRecord>>>;
  readonly job?: Partial<ObservedJob>;
  readonly pods?: readonly Partial<ObservedPod>[];
  readonly capacity?: Partial<Capacity>;
  readonly previous?: MallSyncStatus;
  readonly nowMs?: number;
}

/** One mall for each run, numbered from 1; null: it has none. */
function statusOf(runs: readonly (Partial<Run> | null)[], scene: Scene = {}): MallSyncStatus {
  const malls = runs.map((run, index): MallRecord => {
    const executionId = run === null ? null : index + 1;
    return { ...buildPending(index + 1), result: 'ADMITTED', executionId, ...scene.malls?.[index + 1] };
  });
  const made = runs.flatMap((run, index) =>
    run === null ? [] : [buildRun({ executionId: index + 1, jobName: `job-${index + 1}`, ...run })],
  );
  const launched = made.filter(({ status, launchedAgoMs }) => isLive(status) && launchedAgoMs !== null);
  const observed = {
    mallSync: buildMallSync({ spec: buildSpec(scene.spec), status: scene.previous ?? null }),
    ledger: { malls, runs: made },
    jobs: launched.map(({ executionId }) => buildJob({ executionId, ...scene.job })),
    pods: (scene.pods ?? []).map(buildPod),
    absentJobs: new Set<string>(),
    capacity: { limit: 30, active: 0, ahead: 0, ...scene.capacity },
  };
  return decide(observed, scene.nowMs ?? NOW_MS, SETTINGS).status;
}

function say(status: MallSyncStatus, type: ConditionType): string {
  const condition = status.conditions.find((each) => each.type === type);
  return `${condition?.status} ${condition?.reason}`;
}

const image = (jobName: string): Partial<ObservedPod> => ({
  jobName,
  trouble: { reason: 'ImagePull', message: 'Back-off pulling image "x:1"', sinceMs: NOW_MS - 5_000 },
});
const DUPLICATE = {
  result: 'REFUSED',
  reason: 'DuplicateRefused',
  message: 'already running as attempt 2 (execution 17)',
} as const;

describe('the explanation', () => {
  it.each<[string, MallSyncStatus, string]>([
    [
      'names the limit of the installation and who is ahead',
      statusOf([DONE, RUNS, QUEUED], { capacity: { active: 30, ahead: 12 } }),
      '1 of 3 malls done, 1 running, 1 waits: 30 of 30 Jobs run in this installation, 12 are ahead. Next check 10:04.',
    ],
    [
      'names its own limit',
      statusOf([RUNS, QUEUED, QUEUED], { spec: { parallelism: 1 }, capacity: { active: 30, ahead: 12 } }),
      '0 of 3 malls done, 1 running, 2 wait: its parallelism is 1. Next check 10:04.',
    ],
    [
      'names that it is suspended, and no check while nothing runs',
      statusOf([DONE, QUEUED], { spec: { suspend: true } }),
      '1 of 2 malls done, 1 waits: it is suspended.',
    ],
    [
      'names the failed mall and what to do, while others run',
      statusOf([DONE, RUNS, failed('AuthFailed')]),
      '1 of 3 malls failed: mall 3 AuthFailed. Authorize the mall again with `mallsync malls authorize`, then re-run it. ' +
        '1 of 3 malls done, 1 running. Next check 10:04.',
    ],
    [
      'names an image that cannot be pulled',
      statusOf([{ ...RUNS, status: 'REQUESTED' }, RUNS], { pods: [image('job-1')] }),
      '0 of 2 malls done, 1 running. 1 cannot start: ImagePull (Back-off pulling image "x:1"). ' +
        'Check the image name and the pull secret. Next check 10:04.',
    ],
    [
      'names the quota that a Job waits for',
      statusOf([RUNS], { job: { isSuspended: true } }),
      '0 of 1 mall done. 1 waits for its quota (suspended). Next check 10:04.',
    ],
    [
      'names the mall’s calls and what is tried again',
      statusOf([
        { ...RUNS, status: 'WAITING' },
        { ...RUNS, lastReason: 'UpstreamUnavailable', lastMessage: '503' },
      ]),
      '0 of 2 malls done, 2 running. 1 waits for calls of its mall. 1 is tried again after UpstreamUnavailable (503). ' +
        'Next check 10:04.',
    ],
    ['ends with all done', statusOf([DONE, DONE]), 'All 2 malls are done.'],
    [
      'ends with the groups of failures, the largest first, and its advice',
      statusOf([failed('OutOfMemory'), ...Array.from({ length: 7 }, () => failed('AuthFailed'))]),
      '8 of 8 malls failed: malls 2, 3, 4, 5, 6 and 2 more AuthFailed; mall 1 OutOfMemory. ' +
        'Authorize the mall again with `mallsync malls authorize`, then re-run it.',
    ],
    [
      'says who holds a refused mall',
      statusOf([DONE, null], { malls: { 2: DUPLICATE } }),
      '1 of 2 malls refused: mall 2 DuplicateRefused, already running as attempt 2 (execution 17). ' +
        'The same mall, domain type and period is running or done; use a reprocess to read it again.',
    ],
    [
      'says what a cancel left undone',
      statusOf([DONE, { ...DONE, status: 'STOPPED' }], { spec: { cancel: true } }),
      '1 of 2 malls stopped: it was cancelled.',
    ],
    ['says that no mall fits', statusOf([]), 'No mall is to be read: no active mall that takes MEMBER fits.'],
  ])('%s', (_, { explanation }, text) => {
    expect(explanation).toBe(text);
  });
});

describe('the conditions', () => {
  it.each<[string, MallSyncStatus, Readonly<Partial<Record<ConditionType, string>>>]>([
    [
      'under way',
      statusOf([DONE, RUNS]),
      {
        Admitted: 'True Admitted',
        Progressing: 'True Running',
        Succeeded: 'Unknown InProgress',
        Degraded: 'False NoFailures',
      },
    ],
    ['waiting', statusOf([QUEUED]), { Progressing: 'True Waiting' }],
    [
      'suspended, one running',
      statusOf([RUNS, QUEUED], { spec: { suspend: true } }),
      { Progressing: 'True Suspending' },
    ],
    ['suspended', statusOf([QUEUED], { spec: { suspend: true } }), { Progressing: 'False Suspended' }],
    [
      'all without image',
      statusOf([{ ...RUNS, status: 'REQUESTED' }], { pods: [image('job-1')] }),
      { Progressing: 'False ImagePull', Degraded: 'True ImagePull' },
    ],
    [
      'all without quota',
      statusOf([RUNS], { job: { isSuspended: true } }),
      { Progressing: 'False WaitingForQuota', Degraded: 'False NoFailures' },
    ],
    [
      'complete',
      statusOf([DONE]),
      { Progressing: 'False Succeeded', Succeeded: 'True Succeeded', Degraded: 'False NoFailures' },
    ],
    [
      'complete before',
      statusOf([null], { malls: { 1: { result: 'ALREADY_COMPLETE' } } }),
      { Admitted: 'True Admitted', Succeeded: 'True AlreadyComplete' },
    ],
    [
      'complete with rejects',
      statusOf([DONE, { ...DONE, status: 'COMPLETED_WITH_REJECTS' }]),
      { Succeeded: 'True CompletedWithRejects', Degraded: 'True CompletedWithRejects' },
    ],
    [
      'failed for one reason',
      statusOf([DONE, failed('AuthFailed')]),
      { Succeeded: 'False AuthFailed', Degraded: 'True AuthFailed' },
    ],
    [
      'failed for several',
      statusOf([failed('Lost'), failed('AuthFailed')]),
      { Succeeded: 'False MallsFailed', Degraded: 'True MallsFailed' },
    ],
    [
      'refused in part',
      statusOf([DONE, null], { malls: { 2: DUPLICATE } }),
      { Admitted: 'True Admitted', Succeeded: 'False DuplicateRefused', Degraded: 'True DuplicateRefused' },
    ],
    [
      'refused',
      statusOf([null], { malls: { 1: DUPLICATE } }),
      { Admitted: 'False DuplicateRefused', Succeeded: 'False DuplicateRefused' },
    ],
    [
      'stopped',
      statusOf([{ ...DONE, status: 'STOPPED' }]),
      { Succeeded: 'False Stopped', Degraded: 'False NoFailures' },
    ],
    ['without malls', statusOf([]), { Succeeded: 'False NoMalls', Degraded: 'True NoMalls' }],
  ])('of one that is %s', (_, status, claims) => {
    expect(Object.fromEntries(Object.keys(claims).map((type) => [type, say(status, type as ConditionType)]))).toEqual(
      claims,
    );
  });

  it('are dated anew only where the status has changed', () => {
    const previous = statusOf([RUNS, QUEUED]);
    const next = statusOf([DONE, DONE], { previous, nowMs: NOW_MS + 60_000 });
    expect(next.conditions.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      '2026-01-10T01:00:00Z',
      '2026-01-10T01:01:00Z',
      '2026-01-10T01:01:00Z',
      '2026-01-10T01:00:00Z',
    ]);
    expect(next).toMatchObject({ startTime: '2026-01-10T01:00:00Z', completionTime: '2026-01-10T01:01:00Z' });
  });

  it('of an unreadable one say so, and nothing it knew is lost', () => {
    const previous = statusOf([RUNS, DONE]);
    const mallSync = { ...buildMallSync({ status: previous, generation: 2 }), spec: null, fault: 'pageSize is "x"' };
    const status = buildFaultStatus(mallSync, NOW_MS);
    expect(status.conditions.map(({ type }) => say(status, type))).toEqual([
      'False ConfigInvalid',
      'False ConfigInvalid',
      'False ConfigInvalid',
      'True ConfigInvalid',
    ]);
    expect(status).toMatchObject({ observedGeneration: 2, malls: previous.malls, startTime: previous.startTime });
    expect(status.explanation).toBe('It cannot be read: pageSize is "x". Correct it and apply it again.');
  });
});

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

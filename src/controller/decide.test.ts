import { describe, expect, it } from 'vitest';
import { buildEnd } from '../../test/support/controller-world.ts';
import {
  COMPLETED,
  decideScene,
  listLines,
  NOW_MS,
  RECORDED,
  type RunScene,
} from '../../test/support/decision-scene.ts';
import type { ObservedPod } from './observed-job.ts';

describe('a live run', () => {
  it.each<[string, RunScene, readonly string[]]>([
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
  const UNNOTED = { jobName: null, launchedAgoMs: null };
  const complete = buildEnd('complete');
  const failed = buildEnd('failed');

  it.each<[string, RunScene, readonly string[]]>([
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
    ['completed before its launch was noted', { run: { ...COMPLETED, ...UNNOTED }, job: null }, []],
    [
      'completed in other ways than by a Job',
      { run: { ...COMPLETED, ...UNNOTED, endedAgoMs: 15_000 }, job: null },
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

  it('waits for a Job that neither ledger nor cache know yet', () => {
    expect(decideScene({ run: { ...COMPLETED, ...UNNOTED }, job: null }).requeueAfterMs).toBe(10_000);
  });

  it('waits two minutes for its Job to end', () => {
    expect(decideScene({ run: COMPLETED }).requeueAfterMs).toBe(115_000);
  });
});

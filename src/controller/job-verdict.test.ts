import { describe, expect, it } from 'vitest';
import { buildEnd, buildPod, buildRun } from '../../test/support/controller-world.ts';
import { judgeEndedJob } from './job-verdict.ts';
import type { JobEnd, ObservedPod } from './observed-job.ts';
import type { Run } from './run.ts';

interface Case {
  readonly end?: Partial<JobEnd>;
  readonly run?: Partial<Run>;
  readonly pods?: readonly Partial<ObservedPod>[];
}

function judge({ end, run, pods = [] }: Case): string {
  const verdict = judgeEndedJob(buildEnd('failed', end), buildRun({ status: 'RUNNING', ...run }), pods.map(buildPod));
  return `${verdict.reason} ${verdict.disagreement}`;
}

const exit = (
  exitCode: number,
  reason: NonNullable<ObservedPod['termination']>['reason'] = null,
): Partial<ObservedPod> => ({
  termination: { exitCode, reason, message: null },
});
const trouble = (reason: NonNullable<ObservedPod['trouble']>['reason']): Partial<ObservedPod> => ({
  trouble: { reason, message: 'as the kubelet says', sinceMs: 0 },
});

describe('why a live run failed whose Job has failed', () => {
  it.each<[string, Case, string]>([
    ['the last word of its process', { run: { lastReason: 'DatabaseUnavailable' } }, 'DatabaseUnavailable null'],
    [
      'that word, whatever the pod says',
      { run: { lastReason: 'UpstreamUnavailable' }, pods: [trouble('OutOfMemory')] },
      'UpstreamUnavailable null',
    ],
    ['the deadline', { end: { reason: 'DeadlineExceeded' } }, 'DeadlineExceeded job_failed_row_live'],
    [
      'the deadline, when the process knows only that it was stopped',
      { end: { reason: 'DeadlineExceeded' }, run: { lastReason: 'Stopped' } },
      'DeadlineExceeded null',
    ],
    ['out of memory', { pods: [{ ...trouble('OutOfMemory'), ...exit(137) }] }, 'OutOfMemory job_failed_row_live'],
    ['an eviction', { run: { lastReason: 'Stopped' }, pods: [trouble('Evicted')] }, 'Evicted null'],
    [
      'the report of the newest pod',
      { pods: [exit(69, 'RateLimited'), exit(70, 'Bug')] },
      'RateLimited job_failed_row_live',
    ],
    [
      'the exit code of a process without database or report',
      { pods: [exit(78)] },
      'ConfigInvalid job_failed_row_live',
    ],
    ['an older pod, when the newest was only stopped', { pods: [exit(143), exit(70)] }, 'Bug job_failed_row_live'],
    ['being stopped, when nothing else is known', { run: { lastReason: 'Stopped' } }, 'Stopped null'],
    ['a kill from outside', { pods: [exit(137)] }, 'Lost job_failed_row_live'],
    ['nothing that anybody knows', {}, 'Lost job_failed_row_live'],
  ])('is %s', (_, scene, verdict) => {
    expect(judge(scene)).toBe(verdict);
  });

  it('carries the Job’s own words where nobody else has any', () => {
    const end = buildEnd('failed', { message: 'Job has reached the specified backoff limit' });
    expect(judgeEndedJob(end, buildRun(), []).message).toBe(
      'its process ended without a word: BackoffLimitExceeded: Job has reached the specified backoff limit',
    );
  });
});

describe('a live run whose Job is complete', () => {
  it('is a bug, whatever its process said before', () => {
    const run = buildRun({ lastReason: 'RateLimited' });
    expect(judgeEndedJob(buildEnd('complete'), run, [])).toMatchObject({
      reason: 'Bug',
      disagreement: 'job_complete_row_live',
    });
  });
});

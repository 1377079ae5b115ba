import { describe, expect, it } from 'vitest';
import { buildMallSync } from '../../test/support/controller-world.ts';
import { DONE, DUPLICATE, failed, image, NOW_MS, QUEUED, RUNS, statusOf } from '../../test/support/decision-scene.ts';
import { buildFaultStatus } from './decide.ts';
import type { ConditionType, MallSyncStatus } from './mall-sync.ts';

function say(status: MallSyncStatus, type: ConditionType): string {
  const condition = status.conditions.find((each) => each.type === type);
  return `${condition?.status} ${condition?.reason}`;
}

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

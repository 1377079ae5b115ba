import { describe, expect, it } from 'vitest';
import { parsePod } from './pod-parser.ts';

const CREATED = '2025-12-18T00:00:00Z';
const LATER = '2025-12-18T00:01:00Z';
const CREATED_MS = Date.parse(CREATED);
const LATER_MS = Date.parse(LATER);

const METADATA = {
  name: 'ms-member-3-abcde',
  uid: 'pod-uid',
  creationTimestamp: CREATED,
  labels: { 'batch.kubernetes.io/job-name': 'ms-member-3' },
};

const parse = (status: object = {}, metadata: object = METADATA) => parsePod({ metadata, status });
const waiting = (reason: string, message?: string) => ({
  containerStatuses: [{ name: 'sync', state: { waiting: { reason, message } } }],
});
const terminated = (state: object) => ({
  containerStatuses: [{ name: 'sync', state: { terminated: { exitCode: 1, finishedAt: LATER, ...state } } }],
});

describe('an observed pod', () => {
  it('belongs to the Job that its label or else its owner names', () => {
    expect(parse()).toEqual({
      name: 'ms-member-3-abcde',
      uid: 'pod-uid',
      jobName: 'ms-member-3',
      createdAtMs: CREATED_MS,
      isDeleting: false,
      trouble: null,
      termination: null,
    });
    const ownerReferences = [{ kind: 'Job', name: 'ms-order-4', uid: 'j', controller: true }];
    const { labels: _labels, ...bare } = METADATA;
    expect(parse({}, { ...bare, ownerReferences }).jobName).toBe('ms-order-4');
    expect(parse({}, bare).jobName).toBe('');
  });

  it.each(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'])(
    'cannot pull: %s',
    (reason) => {
      expect(parse({ startTime: LATER, ...waiting(reason, 'no such image') }).trouble).toEqual({
        reason: 'ImagePull',
        message: 'no such image',
        sinceMs: LATER_MS,
      });
    },
  );

  it.each(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])(
    'is set up wrong: %s',
    (reason) => {
      expect(parse(waiting(reason)).trouble).toEqual({ reason: 'ConfigInvalid', message: reason, sinceMs: CREATED_MS });
    },
  );

  it.each(['ContainerCreating', 'PodInitializing', ''])('is in no trouble while it starts: %j', (reason) => {
    expect(parse(waiting(reason)).trouble).toBeNull();
  });

  it('is held up by an init container too', () => {
    const initContainerStatuses = [{ name: 'proxy', state: { waiting: { reason: 'ErrImagePull', message: 'gone' } } }];
    expect(parse({ initContainerStatuses }).trouble).toMatchObject({ reason: 'ImagePull', message: 'gone' });
  });

  it('finds no node, or is only not scheduled yet', () => {
    const scheduled = { type: 'PodScheduled', status: 'False', message: '0/3 nodes fit', lastTransitionTime: LATER };
    expect(parse({ conditions: [{ ...scheduled, reason: 'Unschedulable' }] }).trouble).toEqual({
      reason: 'Unschedulable',
      message: '0/3 nodes fit',
      sinceMs: LATER_MS,
    });
    expect(parse({ conditions: [{ ...scheduled, reason: 'SchedulingGated' }] }).trouble).toBeNull();
    expect(parse({ conditions: [{ ...scheduled, status: 'True' }] }).trouble).toBeNull();
  });

  it('passed its memory limit', () => {
    const pod = parse(terminated({ exitCode: 137, reason: 'OOMKilled' }));
    expect(pod.trouble).toEqual({
      reason: 'OutOfMemory',
      message: 'container sync passed its memory limit (exit code 137)',
      sinceMs: LATER_MS,
    });
    expect(pod.termination).toEqual({ exitCode: 137, reason: null, message: null });
  });

  it('was killed otherwise, which is no trouble of its memory', () => {
    expect(parse(terminated({ exitCode: 137, reason: 'Error' })).trouble).toBeNull();
  });

  it('could not be started at all', () => {
    const state = { exitCode: 128, reason: 'StartError', message: 'no such file: mallsync' };
    expect(parse(terminated(state)).trouble).toMatchObject({
      reason: 'ConfigInvalid',
      message: 'container sync no such file: mallsync (exit code 128)',
    });
  });

  it('was evicted, by its condition or by the kubelet’s word', () => {
    const disruption = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'made room',
      lastTransitionTime: LATER,
    };
    expect(parse({ conditions: [disruption] }).trouble).toEqual({
      reason: 'Evicted',
      message: 'made room',
      sinceMs: LATER_MS,
    });
    expect(parse({ reason: 'Evicted', message: 'The node was low on memory.' }).trouble).toEqual({
      reason: 'Evicted',
      message: 'The node was low on memory.',
      sinceMs: CREATED_MS,
    });
    expect(parse({ conditions: [{ ...disruption, status: 'False' }] }).trouble).toBeNull();
  });

  it('tells its run report’s word', () => {
    const message = JSON.stringify({
      mallId: 3,
      failureReason: 'AuthFailed',
      failureMessage: 'no consent',
      exitCode: 77,
    });
    expect(parse(terminated({ exitCode: 77, reason: 'Error', message })).termination).toEqual({
      exitCode: 77,
      reason: 'AuthFailed',
      message: 'no consent',
    });
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'Segmentation fault'],
    ['a report cut off', '{"failureReason":"Auth'],
    ['another shape', '[1]'],
    ['no failure', '{"failureReason":null,"failureMessage":null}'],
  ])('has no word of its own when its report is %s', (_what, message) => {
    expect(parse(terminated({ exitCode: 0, message })).termination).toEqual({
      exitCode: 0,
      reason: null,
      message: null,
    });
  });

  it('keeps the message of a report whose word it does not know', () => {
    const message = JSON.stringify({ failureReason: 'Sunspots', failureMessage: 'too bright' });
    expect(parse(terminated({ message })).termination).toMatchObject({ reason: null, message: 'too bright' });
  });

  it('has ended only when the container that syncs has', () => {
    const containerStatuses = [
      { name: 'proxy', state: { terminated: { exitCode: 3 } } },
      { name: 'sync', state: { running: { startedAt: LATER } } },
    ];
    expect(parse({ containerStatuses }).termination).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { parseJob } from './job-parser.ts';

const METADATA = {
  name: 'ms-member-3-20251201t000000-20251217t235959-2',
  uid: 'job-uid',
  resourceVersion: '1234',
  creationTimestamp: '2025-12-18T00:00:00Z',
  labels: { 'mallsync.io/mallsync': 'night', 'mallsync.io/execution-id': '918', 'mallsync.io/instance-id': '77' },
  finalizers: ['mallsync.io/outcome'],
  ownerReferences: [
    { kind: 'Workload', name: 'w', uid: 'w' },
    { kind: 'MallSync', name: 'night', uid: 'owner-uid', controller: true },
  ],
  managedFields: [{ manager: 'x' }],
};

function condition(type: string, status = 'True', reason = 'R') {
  return { type, status, reason, message: `${type} is ${status}`, lastTransitionTime: '2025-12-18T00:05:00Z' };
}

function endOf(...conditions: readonly object[]) {
  return parseJob({ metadata: METADATA, spec: {}, status: { conditions } }).end;
}

describe('an observed Job', () => {
  it('holds what decisions need and nothing else', () => {
    const raw = {
      metadata: METADATA,
      spec: { suspend: true, template: {} },
      status: { startTime: '2025-12-18T00:00:07Z' },
    };
    expect(parseJob(raw)).toEqual({
      name: METADATA.name,
      uid: 'job-uid',
      resourceVersion: '1234',
      ownerUid: 'owner-uid',
      mallSyncName: 'night',
      executionId: 918,
      instanceId: 77,
      isDeleting: false,
      hasOutcomeFinalizer: true,
      isSuspended: true,
      createdAtMs: Date.UTC(2025, 11, 18),
      startedAtMs: Date.UTC(2025, 11, 18, 0, 0, 7),
      end: null,
    });
  });

  it('may be a stranger’s, without any of our marks', () => {
    const metadata = {
      name: 'x',
      uid: 'u',
      creationTimestamp: '2025-12-18T00:00:00Z',
      deletionTimestamp: '2025-12-18T00:00:01Z',
    };
    expect(parseJob({ metadata })).toMatchObject({
      ownerUid: null,
      mallSyncName: null,
      executionId: null,
      instanceId: null,
      isDeleting: true,
      hasOutcomeFinalizer: false,
      isSuspended: false,
      startedAtMs: null,
    });
  });

  it.each(['0', '-1', '1.5', '9'.repeat(16), 'x', ''])('has no execution by a label of %j', (label) => {
    const metadata = { ...METADATA, labels: { 'mallsync.io/execution-id': label } };
    expect(parseJob({ metadata }).executionId).toBeNull();
  });

  it('has ended only by a terminal condition that is True', () => {
    expect(endOf(condition('SuccessCriteriaMet'))).toBeNull();
    expect(endOf(condition('FailureTarget'))).toBeNull();
    expect(endOf(condition('Complete', 'False'), condition('Suspended'))).toBeNull();
    const atMs = Date.UTC(2025, 11, 18, 0, 5);
    expect(endOf(condition('SuccessCriteriaMet'), condition('Complete', 'True', 'CompletionsReached'))).toEqual({
      kind: 'complete',
      reason: 'CompletionsReached',
      message: 'Complete is True',
      atMs,
    });
    expect(endOf(condition('FailureTarget'), condition('Failed', 'True', 'PodFailurePolicy'))).toEqual({
      kind: 'failed',
      reason: 'PodFailurePolicy',
      message: 'Failed is True',
      atMs,
    });
  });

  it.each([[null], [{}], [{ metadata: { name: 'x' } }], ['text']])('is not made of %j', (raw) => {
    expect(() => parseJob(raw)).toThrow('Invalid input');
  });
});

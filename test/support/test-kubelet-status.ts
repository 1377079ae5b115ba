import type { KubeObject } from './api-server-door.ts';
import { toTime } from './test-kubelet-pods.ts';

export interface JobFailure {
  /** The condition's: BackoffLimitExceeded, DeadlineExceeded, PodFailurePolicy. */
  readonly reason: string;
  readonly message: string;
}

export const FAILED_PODS: JobFailure = {
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};

/** The API server checks a Job's status as a whole: counts, times and both conditions of an end go together. */
export function buildStartedStatus(): KubeObject {
  return { startTime: toTime(Date.now()), active: 1, ready: 1, uncountedTerminatedPods: {} };
}

export function buildSuspendedStatus(): KubeObject {
  const now = toTime(Date.now());
  const why = { reason: 'JobSuspended', message: 'Job suspended' };
  const condition = { type: 'Suspended', status: 'True', ...why, lastProbeTime: now, lastTransitionTime: now };
  return { startTime: null, active: 0, ready: 0, conditions: [condition] };
}

export function buildCompleteStatus(job: KubeObject): KubeObject {
  return buildEnd(job, ['SuccessCriteriaMet', 'Complete'], { reason: 'CompletionsReached', message: 'Reached' }, true);
}

export function buildFailedStatus(job: KubeObject, failure: JobFailure): KubeObject {
  return buildEnd(job, ['FailureTarget', 'Failed'], failure, false);
}

function buildEnd(job: KubeObject, types: readonly string[], why: JobFailure, isComplete: boolean): KubeObject {
  const now = toTime(Date.now());
  return {
    startTime: job.status?.startTime ?? now,
    ...(isComplete ? { completionTime: now, succeeded: 1 } : { failed: 1 }),
    active: 0,
    ready: 0,
    uncountedTerminatedPods: {},
    conditions: types.map((type) => ({ type, status: 'True', ...why, lastProbeTime: now, lastTransitionTime: now })),
  };
}

export function isFinished(job: KubeObject): boolean {
  const conditions: readonly KubeObject[] = job.status?.conditions ?? [];
  return conditions.some(({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'));
}

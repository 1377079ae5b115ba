import { isLive } from '../../domain/execution.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { DecisionSettings } from '../decision.ts';
import { judgeEndedJob } from '../job-verdict.ts';
import type { ObservedPod } from '../observed-job.ts';
import { verifyAbsence } from './absent-job.ts';
import { buildRecord, type RunSighting } from './run-sighting.ts';
import type { Policy, Verdict } from './verdict.ts';

/** Of a run that is not settled. In this order: what has ended, what cannot begin, what has only begun. */
export const LIVE_RUN_POLICIES: readonly Policy<RunSighting>[] = [
  leaveSettled,
  stop,
  settleEndedJob,
  settleDeletedJob,
  giveUpStart,
  adoptJob,
  settleAbsentJob,
  awaitStart,
];

function leaveSettled({ run }: RunSighting): Verdict | null {
  return isLive(run.status) ? null : { reason: 'Settled', message: 'it is settled', actions: [] };
}

function stop(sighting: RunSighting, nowMs: number): Verdict | null {
  if (sighting.stopMessage === null) return null;
  return settle(sighting, 'STOPPED', 'Stopped', sighting.stopMessage, nowMs);
}

function settleEndedJob(sighting: RunSighting, nowMs: number): Verdict | null {
  const end = sighting.job?.end;
  if (end === null || end === undefined) return null;
  const { reason, message, disagreement } = judgeEndedJob(end, sighting.run, sighting.pods);
  const outcome = { status: 'FAILED', reason, message } as const;
  return { reason, message, actions: [buildRecord(sighting, outcome, disagreement, nowMs)] };
}

function settleDeletedJob(sighting: RunSighting, nowMs: number): Verdict | null {
  return sighting.job?.isDeleting === true ? lose(sighting, 'its Job was deleted', nowMs) : null;
}

function settleAbsentJob(sighting: RunSighting, nowMs: number): Verdict | null {
  if (sighting.job !== null || sighting.run.launchedAgoMs === null) return null;
  return verifyAbsence(sighting) ?? lose(sighting, 'its Job is gone', nowMs);
}

function lose(sighting: RunSighting, message: string, nowMs: number): Verdict {
  const outcome = { status: 'FAILED', reason: 'Lost', message } as const;
  return { reason: 'Lost', message, actions: [buildRecord(sighting, outcome, 'job_gone_row_live', nowMs)] };
}

function giveUpStart(sighting: RunSighting, nowMs: number, settings: DecisionSettings): Verdict | null {
  const trouble = findStartTrouble(sighting);
  if (trouble === null || trouble.sinceMs + settings.startDeadlineSeconds * 1_000 > nowMs) return null;
  const message = `it could not start within ${settings.startDeadlineSeconds} s: ${trouble.message}`;
  return settle(sighting, 'FAILED', trouble.reason, message, nowMs);
}

function adoptJob({ run, job }: RunSighting): Verdict | null {
  if (job === null || run.launchedAgoMs !== null) return null;
  const launches = [{ executionId: run.executionId, jobName: job.name }];
  return { reason: 'Adopted', message: `Job ${job.name} is there`, actions: [{ kind: 'mark-launched', launches }] };
}

function awaitStart(sighting: RunSighting, nowMs: number, settings: DecisionSettings): Verdict | null {
  const trouble = findStartTrouble(sighting);
  if (trouble === null) return null;
  const requeueAfterMs = trouble.sinceMs + settings.startDeadlineSeconds * 1_000 - nowMs;
  return { reason: trouble.reason, message: trouble.message, actions: [], requeueAfterMs };
}

function settle(
  sighting: RunSighting,
  status: 'FAILED' | 'STOPPED',
  reason: FailureReason,
  message: string,
  nowMs: number,
): Verdict {
  return { reason, message, actions: [buildRecord(sighting, { status, reason, message }, null, nowMs)] };
}

const START_TROUBLES: readonly FailureReason[] = ['ImagePull', 'Unschedulable', 'ConfigInvalid'];

/** Why its first process cannot begin. A Job that is suspended has no pod of its own making to blame. */
export function findStartTrouble({ run, job, pods }: RunSighting): NonNullable<ObservedPod['trouble']> | null {
  const hasStarted = run.status !== 'REQUESTED' || pods.some(({ termination }) => termination !== null);
  if (hasStarted || job === null || job.isSuspended || job.end !== null) return null;
  const trouble = pods[0]?.trouble ?? null;
  return trouble !== null && START_TROUBLES.includes(trouble.reason) ? trouble : null;
}

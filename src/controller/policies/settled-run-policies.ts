import { isComplete } from '../../domain/execution.ts';
import type { DecisionSettings } from '../decision.ts';
import type { Disagreement } from '../job-verdict.ts';
import { findDisagreement } from '../job-verdict.ts';
import { awaitUnnotedJob, verifyAbsence } from './absent-job.ts';
import { buildRecord, type RunSighting } from './run-sighting.ts';
import type { Policy, Verdict } from './verdict.ts';

/** Processes end soon after they have settled; one that does not has no more to say. */
const LONGEST_FAREWELL_MS = 120_000;

/** Of a run that is settled. First its outcome is recorded; only then may its Job go. */
export const SETTLED_RUN_POLICIES: readonly Policy<RunSighting>[] = [
  recordWithoutJob,
  recordEndedJob,
  recordUnwantedJob,
  recordLingeringJob,
  awaitFarewell,
  releaseJob,
  deleteJob,
];

function recordWithoutJob(sighting: RunSighting, nowMs: number): Verdict | null {
  const { run, job } = sighting;
  if (run.isRecorded || job !== null) return null;
  if (run.launchedAgoMs !== null) {
    return verifyAbsence(sighting) ?? record(sighting, 'job_gone_row_settled', 'its Job is gone', nowMs);
  }
  const unnoted = isSettledByProcess(sighting) ? awaitUnnotedJob(sighting) : null;
  return unnoted ?? record(sighting, null, 'it never had a Job', nowMs);
}

function recordEndedJob(sighting: RunSighting, nowMs: number): Verdict | null {
  const { run, job } = sighting;
  if (run.isRecorded || job === null || job.end === null) return null;
  return record(sighting, findDisagreement(job.end, run.status), 'its Job has ended', nowMs);
}

/** Stopped or given up from outside, or its Job is being deleted by hand. */
function recordUnwantedJob(sighting: RunSighting, nowMs: number): Verdict | null {
  const { run, job } = sighting;
  if (run.isRecorded) return null;
  if (!isSettledByProcess(sighting)) return record(sighting, null, 'it was stopped', nowMs);
  return job?.isDeleting === true ? record(sighting, 'job_gone_row_settled', 'its Job was deleted', nowMs) : null;
}

function recordLingeringJob(sighting: RunSighting, nowMs: number): Verdict | null {
  if (sighting.run.isRecorded || leftOfFarewellMs(sighting) > 0) return null;
  return record(sighting, 'job_running_row_settled', 'its Job does not end', nowMs);
}

function awaitFarewell(sighting: RunSighting): Verdict | null {
  if (sighting.run.isRecorded) return null;
  const requeueAfterMs = leftOfFarewellMs(sighting);
  return { reason: 'Ending', message: 'it is settled, its Job ends', actions: [], requeueAfterMs };
}

function leftOfFarewellMs({ run }: RunSighting): number {
  return LONGEST_FAREWELL_MS - (run.endedAgoMs ?? LONGEST_FAREWELL_MS);
}

function isSettledByProcess({ run }: RunSighting): boolean {
  return isComplete(run.status) || run.status === 'FAILED';
}

function record(sighting: RunSighting, disagreement: Disagreement | null, message: string, nowMs: number): Verdict {
  return { reason: 'Ended', message, actions: [buildRecord(sighting, null, disagreement, nowMs)] };
}

function releaseJob({ run, job }: RunSighting, _nowMs: number, settings: DecisionSettings): Verdict | null {
  if (job === null || job.end === null || job.isDeleting || !job.hasOutcomeFinalizer) return null;
  const ttlSeconds = isComplete(run.status) ? settings.succeededJobTtlSeconds : settings.failedJobTtlSeconds;
  return { reason: 'Recorded', message: 'its outcome is kept', actions: [{ kind: 'release-job', job, ttlSeconds }] };
}

/** Nothing may run for a settled execution, and nothing that is being deleted may wait for us. */
function deleteJob({ job }: RunSighting): Verdict | null {
  const isGoing = job === null || ((job.end !== null || job.isDeleting) && !job.hasOutcomeFinalizer);
  if (isGoing) return null;
  return { reason: 'Recorded', message: 'its execution has ended', actions: [{ kind: 'delete-job', job }] };
}

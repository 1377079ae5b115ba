import type { DecisionSettings } from '../decision.ts';
import type { StrayJob } from './run-sighting.ts';
import type { Policy, Verdict } from './verdict.ts';

/** Younger Jobs may be of an execution that the ledger was not asked for yet. */
const YOUNGEST_STRAY_MS = 15_000;

/** Of a Job that carries no outcome: it neither runs on nor keeps our finalizer. */
export const STRAY_JOB_POLICIES: readonly Policy<StrayJob>[] = [leaveGoing, awaitLedger, releaseStray, deleteStray];

function leaveGoing({ job }: StrayJob): Verdict | null {
  if (job.hasOutcomeFinalizer || (job.end === null && !job.isDeleting)) return null;
  return { reason: 'Stray', message: `Job ${job.name} is of no run`, actions: [] };
}

function awaitLedger({ job, isRunKnown }: StrayJob, nowMs: number): Verdict | null {
  const leftMs = job.createdAtMs + YOUNGEST_STRAY_MS - nowMs;
  if (isRunKnown || leftMs <= 0) return null;
  const requeueAfterMs = Math.min(leftMs, YOUNGEST_STRAY_MS);
  return { reason: 'Stray', message: `Job ${job.name} is of no known run`, actions: [], requeueAfterMs };
}

function releaseStray({ job }: StrayJob, _nowMs: number, settings: DecisionSettings): Verdict | null {
  if (job.end === null || job.isDeleting) return null;
  const ttlSeconds = settings.failedJobTtlSeconds;
  const message = `Job ${job.name} is of no run and has ended`;
  return { reason: 'Stray', message, actions: [{ kind: 'release-job', job, ttlSeconds }] };
}

function deleteStray({ job }: StrayJob): Verdict | null {
  return { reason: 'Stray', message: `Job ${job.name} is of no run`, actions: [{ kind: 'delete-job', job }] };
}

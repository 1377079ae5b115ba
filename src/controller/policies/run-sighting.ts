import type { Outcome } from '../controller-ledger.ts';
import type { Action, Observed } from '../decision.ts';
import type { Disagreement } from '../job-verdict.ts';
import type { ObservedJob, ObservedPod } from '../observed-job.ts';
import type { Run } from '../run.ts';

/** A run beside what the cluster shows of it. */
export interface RunSighting {
  readonly run: Run;
  /** Null: the cache has none, which proves nothing. */
  readonly job: ObservedJob | null;
  /** Newest first. */
  readonly pods: readonly ObservedPod[];
  /** A live read has just found that its Job is absent. */
  readonly isProvenAbsent: boolean;
  /** Why it has to stop, or null. */
  readonly stopMessage: string | null;
}

/** A Job that belongs to no run, or to one that has another Job. */
export interface StrayJob {
  readonly job: ObservedJob;
  readonly isRunKnown: boolean;
}

export interface Sightings {
  readonly runs: readonly RunSighting[];
  readonly strays: readonly StrayJob[];
}

/** Puts each run beside its Job. */
export function listSightings(observed: Observed): Sightings {
  const jobsOf = Map.groupBy(observed.jobs, ({ executionId }) => executionId);
  const podsOf = Map.groupBy(observed.pods, ({ jobName }) => jobName);
  const stopMessage = findStopMessage(observed.mallSync);
  const owned = new Set<ObservedJob>();
  const runs = observed.ledger.runs.map((run): RunSighting => {
    const job = findOwnJob(run, jobsOf.get(run.executionId) ?? []);
    if (job !== null) owned.add(job);
    const pods = [...(podsOf.get(job?.name ?? '') ?? [])].sort(compareAge);
    return { run, job, pods, isProvenAbsent: observed.absentJobs.has(run.jobName ?? ''), stopMessage };
  });
  const runIds = new Set<number | null>(observed.ledger.runs.map(({ executionId }) => executionId));
  const strays = observed.jobs
    .filter((job) => !owned.has(job))
    .map((job) => ({ job, isRunKnown: runIds.has(job.executionId) }));
  return { runs, strays };
}

/** A copy that somebody made carries the same labels under another name, and came later. */
function findOwnJob(run: Run, candidates: readonly ObservedJob[]): ObservedJob | null {
  if (run.jobName !== null) return candidates.find(({ name }) => name === run.jobName) ?? null;
  return [...candidates].sort((a, b) => a.createdAtMs - b.createdAtMs || (a.name < b.name ? -1 : 1))[0] ?? null;
}

function compareAge(a: ObservedPod, b: ObservedPod): number {
  return b.createdAtMs - a.createdAtMs || (a.name < b.name ? -1 : 1);
}

function findStopMessage({ spec, isDeleting }: Observed['mallSync']): string | null {
  if (isDeleting) return 'its MallSync is being deleted';
  return spec.cancel ? 'its MallSync was cancelled' : null;
}

/** The one action that notes the end of a run. */
export function buildRecord(
  { run, job }: RunSighting,
  end: Outcome['end'],
  disagreement: Disagreement | null,
  nowMs: number,
): Action {
  const outcome: Outcome = {
    executionId: run.executionId,
    end,
    disagreement,
    createToStartSeconds: toSeconds(job?.createdAtMs ?? null, job?.startedAtMs ?? null),
    lagSeconds: toSeconds(job?.end?.atMs ?? null, nowMs),
  };
  return { kind: 'record', outcomes: [outcome] };
}

/** Clocks differ: what would be negative is 0. */
function toSeconds(fromMs: number | null, untilMs: number | null): number | null {
  return fromMs === null || untilMs === null ? null : Math.max(0, (untilMs - fromMs) / 1_000);
}

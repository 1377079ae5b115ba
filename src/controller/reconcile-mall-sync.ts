import type { Clock } from '../domain/clock.ts';
import { act, type Actors } from './act.ts';
import { isClusterError } from './cluster-error.ts';
import type { ClusterView, Recorder } from './cluster.ts';
import { buildFaultStatus, decide } from './decide.ts';
import type { Capacity, Decision, DecisionSettings, Observed } from './decision.ts';
import type { MallSync, MallSyncSpec, MallSyncStatus } from './mall-sync.ts';
import type { ObservedJob } from './observed-job.ts';
import type { ReconcileResult } from './reconcile-result.ts';
import { DONE } from './reconcile-result.ts';
import type { LedgerState } from './run.ts';
import { hasSameConditions, isWorthSaving } from './status.ts';
import { stopGone } from './sweep.ts';

export interface MallSyncReconciler extends Actors {
  readonly view: ClusterView;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly settings: DecisionSettings;
  capacityOf(mallSyncUid: string): Capacity;
  /** Runs may wait for a launch, or a place has become free. */
  onLaunchable(): void;
  /** A live read has just found that there is no such Job. */
  onAbsent(jobName: string): void;
  /** There is no MallSync of that name any more. */
  onGone(name: string): void;
}

/** A chain of ledger writes longer than this means that decisions do not settle: the rest waits for the next look. */
const MOST_ROUNDS = 6;
const LOOK_AGAIN_MS = 1_000;
/** Counts alone are not written oftener than this; a changed condition is written at once. */
const STATUS_INTERVAL_MS = 1_000;

/** Looks at one MallSync, does what is due and writes what is to be said of it. */
export async function reconcileMallSync(
  parts: MallSyncReconciler,
  name: string,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const found = parts.view.findMallSync(name);
  if (found === undefined) {
    parts.onGone(name);
    return DONE;
  }
  const mallSync = parts.ownWrites.applyToMallSync(found);
  const { spec } = mallSync;
  if (spec === null) {
    await saveStatus(parts, mallSync, buildFaultStatus(mallSync, parts.clock.nowMs()), signal);
    return DONE;
  }
  const decision = await settle(parts, { ...mallSync, spec }, signal);
  const waitMs = await report(parts, mallSync, decision, signal);
  const laterMs = Math.min(waitMs ?? Number.POSITIVE_INFINITY, decision.requeueAfterMs ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(laterMs) ? { kind: 'later', afterMs: laterMs } : DONE;
}

/** Decides and acts until nothing is left that changes the ledger. */
async function settle(
  parts: MallSyncReconciler,
  mallSync: MallSync & { readonly spec: MallSyncSpec },
  signal: AbortSignal,
): Promise<Decision> {
  // always older than the ledger it is held against: a run that settles between the two must not look like a disagreement
  let jobs = parts.view.listJobsOf(mallSync.uid);
  let ledger = await parts.ledger.load(mallSync.uid);
  const absentJobs = new Set<string>();
  const foundJobs = new Map<string, ObservedJob>();
  for (let round = 1; ; round++) {
    const observed = observe(parts, mallSync, ledger, withFound(jobs, foundJobs), absentJobs);
    const decision = decide(observed, parts.clock.nowMs(), parts.settings);
    if (findsJobsGone(decision) && !(await isUpToDate(parts, mallSync, signal))) {
      return { ...decision, notices: [], requeueAfterMs: LOOK_AGAIN_MS };
    }
    // else what a MallSync that is gone has left running would count as a duplicate, and refuse this one for good
    if (decision.actions.some(({ kind }) => kind === 'admit')) await stopGone(parts, signal);
    jobs = parts.view.listJobsOf(mallSync.uid);
    const effects = await act(decision.actions, observed, parts, signal);
    if (effects.ledger !== null) parts.onLaunchable();
    for (const jobName of effects.absentJobs) {
      absentJobs.add(jobName);
      parts.onAbsent(jobName);
    }
    const fresh = effects.foundJobs.filter((job) => !foundJobs.has(job.uid) && isOfRun(job, ledger));
    for (const job of fresh) foundJobs.set(job.uid, job);
    if (effects.ledger === null && effects.absentJobs.length === 0 && fresh.length === 0) {
      if (decision.status.malls.waiting > 0) parts.onLaunchable();
      return decision;
    }
    if (fresh.length > 0) ledger = await parts.ledger.load(mallSync.uid);
    else ledger = effects.ledger ?? ledger;
    if (round >= MOST_ROUNDS) return { ...decision, requeueAfterMs: LOOK_AGAIN_MS };
  }
}

/** One that only has the name of a run's Job is somebody else's. */
function isOfRun({ name, executionId }: ObservedJob, { runs }: LedgerState): boolean {
  return runs.some((run) => run.executionId === executionId && run.jobName === name);
}

/** The cache never shows a Job that has lost the label or the owner it is found by. */
function withFound(jobs: readonly ObservedJob[], foundJobs: ReadonlyMap<string, ObservedJob>): readonly ObservedJob[] {
  return [...jobs, ...[...foundJobs.values()].filter(({ uid }) => jobs.every((job) => job.uid !== uid))];
}

function findsJobsGone({ actions }: Decision): boolean {
  return actions.some(
    (action) =>
      action.kind === 'record' && action.outcomes.some(({ disagreement }) => disagreement === 'job_gone_row_live'),
  );
}

/**
 * Jobs go with their MallSync, and the cache of Jobs may show it first: what was stopped on purpose must not count as
 * lost.
 */
async function isUpToDate(parts: MallSyncReconciler, mallSync: MallSync, signal: AbortSignal): Promise<boolean> {
  const current = await parts.cluster.readMallSync(mallSync.name, signal);
  return (
    current?.uid === mallSync.uid &&
    current.generation === mallSync.generation &&
    current.isDeleting === mallSync.isDeleting
  );
}

function observe(
  parts: MallSyncReconciler,
  mallSync: MallSync & { readonly spec: MallSyncSpec },
  ledger: LedgerState,
  seen: readonly ObservedJob[],
  absentJobs: ReadonlySet<string>,
): Observed {
  const jobs = parts.ownWrites.applyToJobs(seen);
  return {
    mallSync,
    ledger,
    jobs,
    // of ended Jobs too, until they are released: their pods may be the only ones to say why
    pods: jobs
      .filter(({ end, hasOutcomeFinalizer }) => end === null || hasOutcomeFinalizer)
      .flatMap(({ name }) => parts.view.listPodsOf(name)),
    absentJobs,
    capacity: parts.capacityOf(mallSync.uid),
  };
}

/** @returns after how long the status is to be written, or null when it stands */
async function report(
  parts: MallSyncReconciler,
  mallSync: MallSync,
  decision: Decision,
  signal: AbortSignal,
): Promise<number | null> {
  const { status } = decision;
  if (mallSync.isDeleting || !isWorthSaving(mallSync.status, status)) return null;
  const writtenAtMs = parts.ownWrites.statusWrittenAtMs(mallSync);
  if (writtenAtMs !== null && hasSameConditions(mallSync.status, status)) {
    const waitMs = writtenAtMs + STATUS_INTERVAL_MS - parts.clock.monotonicMs();
    if (waitMs > 0) return waitMs;
  }
  // before the status: were it after, a crash between the two would leave the request open for good
  if (mallSync.retryRequestId !== null) await parts.ledger.reportRequest(mallSync.retryRequestId);
  if (!(await saveStatus(parts, mallSync, status, signal))) return null;
  for (const notice of decision.notices) parts.recorder.record(mallSync, notice);
  return null;
}

/** False when the MallSync is gone. */
async function saveStatus(
  parts: MallSyncReconciler,
  mallSync: MallSync,
  status: MallSyncStatus,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isWorthSaving(mallSync.status, status)) return false;
  try {
    await parts.cluster.saveStatus(mallSync, status, signal);
  } catch (error) {
    if (isClusterError(error, 'not-found')) return false;
    throw error;
  }
  parts.ownWrites.noteStatus(mallSync, status, parts.clock.monotonicMs());
  return true;
}

import { decide } from '../../src/controller/decide.ts';
import type { Action, Decision, DecisionSettings, Observed } from '../../src/controller/decision.ts';
import { planLaunches } from '../../src/controller/launch-plan.ts';
import type { MallSyncSpec } from '../../src/controller/mall-sync.ts';
import type { JobEnd, ObservedJob, ObservedPod } from '../../src/controller/observed-job.ts';
import type { LedgerState, MallRecord, Run } from '../../src/controller/run.ts';
import { isWorthSaving } from '../../src/controller/status.ts';
import { isComplete, isLive } from '../../src/domain/execution.ts';
import type { ExecutionStatus } from '../../src/domain/execution.ts';
import type { FailureReason } from '../../src/domain/failure.ts';
import { parsePeriod } from '../../src/domain/period.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface WorldRun extends Mutable<Omit<Run, 'launchedAgoMs' | 'endedAgoMs'>> {
  launchedAtMs: number | null;
  endedAtMs: number | null;
}

export const SETTINGS: DecisionSettings = {
  succeededJobTtlSeconds: 600,
  failedJobTtlSeconds: 86_400,
  startDeadlineSeconds: 300,
};

export const BEGINNING_MS = Date.parse('2026-01-10T00:00:00Z');

export function buildSpec(overrides: Partial<MallSyncSpec> = {}): MallSyncSpec {
  return {
    domainType: 'MEMBER',
    period: parsePeriod('2025-12-01T00:00:00', '2025-12-17T23:59:59'),
    mallIds: [1, 2, 3],
    mallSelector: null,
    pageSize: 1_000,
    attemptCount: null,
    reprocess: false,
    reason: '',
    trigger: 'MANUAL',
    requestedBy: '',
    replay: null,
    parallelism: 20,
    priority: 0,
    suspend: false,
    cancel: false,
    activeDeadlineSeconds: 21_600,
    ttlSecondsAfterFinished: 604_800,
    ...overrides,
  };
}

export function buildMallSync(overrides: Partial<Observed['mallSync']> = {}): Observed['mallSync'] {
  return {
    name: 'member-2025-12',
    uid: 'uid-1',
    generation: 1,
    resourceVersion: '1',
    createdAtMs: BEGINNING_MS,
    isDeleting: false,
    retryRequestId: null,
    spec: buildSpec(),
    fault: null,
    status: null,
    ...overrides,
  };
}

export function buildRun(overrides: Partial<Run> = {}): Run {
  const executionId = overrides.executionId ?? 1;
  return {
    executionId,
    instanceId: executionId,
    mallId: executionId,
    attemptCount: 1,
    pageSize: 1_000,
    status: 'REQUESTED',
    jobName: null,
    launchedAgoMs: null,
    endedAgoMs: null,
    isRecorded: false,
    lastReason: null,
    lastMessage: null,
    failureReason: null,
    failureMessage: null,
    counters: { read: 0, inserted: 0, updated: 0, unchanged: 0, rejected: 0 },
    ...overrides,
  };
}

export function buildJob(overrides: Partial<ObservedJob> = {}): ObservedJob {
  const executionId = overrides.executionId ?? 1;
  return {
    name: `job-${executionId}`,
    uid: `job-uid-${executionId}`,
    resourceVersion: '1',
    ownerUid: 'uid-1',
    mallSyncName: 'member-2025-12',
    executionId,
    instanceId: executionId,
    isDeleting: false,
    hasOutcomeFinalizer: true,
    isSuspended: false,
    createdAtMs: BEGINNING_MS,
    startedAtMs: BEGINNING_MS + 1_000,
    end: null,
    ...overrides,
  };
}

/** Something wrong was done to the world. */
class Violation extends Error {}

function demand(isRight: boolean, message: string): void {
  if (!isRight) throw new Violation(message);
}

/** The controller's process ends here. */
class Crash extends Error {}

export interface WorldOptions {
  readonly mallIds: readonly number[];
  readonly parallelism: number;
  /** Malls that somebody else has completed, or is reading. */
  readonly completeElsewhere: readonly number[];
  readonly runningElsewhere: readonly number[];
}

/** One MallSync with its ledger, its Jobs, a cache that lags, and a controller that may crash between any two acts. */
export interface ControllerWorld {
  readonly mallSync: Observed['mallSync'];
  readonly jobs: ReadonlyMap<string, ObservedJob>;
  readonly runs: readonly Readonly<WorldRun>[];
  nowMs(): number;
  advance(ms: number): void;
  /** Some of what happened reaches the cache, in order; all of it by default. */
  deliver(events?: number): void;
  /** What the next look of the controller would decide. */
  look(): Decision;
  /** @param crashAfter how many acts are carried out; all by default */
  reconcile(crashAfter?: number): void;
  launch(crashBeforeNote?: boolean): void;
  editSpec(change: Partial<MallSyncSpec>): void;
  deleteMallSync(): void;
  editRun(index: number, change: (run: WorldRun) => void): void;
  editJob(index: number, change: (job: Mutable<ObservedJob>) => void): void;
  addJob(job: ObservedJob): void;
  troublePod(index: number, reason: FailureReason): void;
}

export function createControllerWorld(options: WorldOptions): ControllerWorld {
  let nowMs = BEGINNING_MS;
  let mallSync = buildMallSync({ spec: buildSpec({ mallIds: options.mallIds, parallelism: options.parallelism }) });
  let malls: readonly MallRecord[] | null = null;
  const runs: WorldRun[] = [];
  const jobs = new Map<string, Mutable<ObservedJob>>();
  const cache = new Map<string, ObservedJob>();
  const events: { readonly name: string; readonly job: ObservedJob | null }[] = [];
  let pods: readonly ObservedPod[] = [];
  /** Jobs of which one, at least, has ended or was deleted: the cache may still show that one. */
  const overNames = new Set<string>();
  let isGone = false;

  function publish(name: string): void {
    const job = jobs.get(name);
    if (job !== undefined && job.isDeleting && !job.hasOutcomeFinalizer) jobs.delete(name);
    const left = jobs.get(name);
    if (left === undefined || left.isDeleting || left.end !== null) overNames.add(name);
    if (left === undefined) pods = pods.filter(({ jobName }) => jobName !== name);
    events.push({ name, job: left === undefined ? null : { ...left } });
  }

  function load(): LedgerState {
    const agoOf = (atMs: number | null): number | null => (atMs === null ? null : nowMs - atMs);
    return {
      malls,
      runs: runs.map(({ launchedAtMs, endedAtMs, ...run }) => ({
        ...run,
        launchedAgoMs: agoOf(launchedAtMs),
        endedAgoMs: agoOf(endedAtMs),
      })),
    };
  }

  function admitMall(mall: MallRecord, wish: number): MallRecord {
    const { mallId } = mall;
    const own = runs.filter((run) => run.mallId === mallId);
    const isDue = mall.result === 'PENDING' || mall.attemptWish < wish;
    if (!isDue || own.some(({ status }) => isLive(status) || isComplete(status))) return mall;
    if (options.completeElsewhere.includes(mallId)) return { ...mall, result: 'ALREADY_COMPLETE', attemptWish: wish };
    if (options.runningElsewhere.includes(mallId)) {
      const message = 'already running as attempt 7';
      return { ...mall, result: 'REFUSED', attemptWish: wish, reason: 'DuplicateRefused', message };
    }
    const executionId = runs.length + 1;
    const { launchedAgoMs, endedAgoMs, ...run } = buildRun({ executionId, mallId, attemptCount: own.length + 1 });
    runs.push({ ...run, launchedAtMs: launchedAgoMs, endedAtMs: endedAgoMs });
    return { ...mall, result: 'ADMITTED', attemptWish: wish, executionId };
  }

  function admit(): void {
    demand(!mallSync.spec.cancel && !mallSync.isDeleting, 'admits what is cancelled');
    demand(!mallSync.spec.suspend, 'admits what is suspended');
    const known = malls ?? options.mallIds.map((mallId): MallRecord => buildPending(mallId));
    malls = known.map((mall) => admitMall(mall, mallSync.spec.attemptCount ?? 0));
  }

  function markLaunched(executionId: number, jobName: string): void {
    const run = runs.find((each) => each.executionId === executionId);
    if (run === undefined || !isLive(run.status) || run.launchedAtMs !== null) return;
    run.jobName = jobName;
    run.launchedAtMs = nowMs;
  }

  function record(outcomes: Extract<Action, { kind: 'record' }>['outcomes']): void {
    for (const { executionId, end } of outcomes) {
      const run = runs.find((each) => each.executionId === executionId);
      if (run === undefined) throw new Violation(`records execution ${executionId} that does not exist`);
      demand(!run.isRecorded, `records execution ${executionId} twice`);
      if (end === null) demand(!isLive(run.status), `counts execution ${executionId} as seen while it is live`);
      else if (isLive(run.status)) judgeEnd(run, end);
      run.isRecorded = true;
    }
  }

  function judgeEnd(run: WorldRun, end: { readonly status: ExecutionStatus; readonly reason: FailureReason }): void {
    const job =
      run.jobName === null
        ? [...jobs.values()].find((each) => each.executionId === run.executionId)
        : jobs.get(run.jobName);
    const isOver = job === undefined || overNames.has(job.name);
    const isEnding = mallSync.spec.cancel || mallSync.isDeleting;
    const isStuck = pods.some((pod) => pod.jobName === job?.name && pod.trouble !== null);
    demand(isOver || isEnding || isStuck, `settles execution ${run.executionId} whose Job runs`);
    demand(end.status !== 'STOPPED' || isEnding, `stops execution ${run.executionId} that nobody cancelled`);
    run.status = end.status;
    run.endedAtMs = nowMs;
    run.failureReason = end.reason;
  }

  function release(cached: ObservedJob, isDeleted: boolean): void {
    const run = runs.find((each) => each.executionId === cached.executionId);
    const isOwn = run !== undefined && (run.jobName ?? cached.name) === cached.name;
    if (isOwn) demand(run.isRecorded, `lets Job ${cached.name} go before its outcome is recorded`);
    if (isDeleted && isOwn) demand(!isLive(run.status), `deletes Job ${cached.name} of a live run`);
    const job = jobs.get(cached.name);
    if (job === undefined) return;
    job.hasOutcomeFinalizer = false;
    if (isDeleted) job.isDeleting = true;
    publish(job.name);
  }

  function act(action: Action, absentJobs: Set<string>): boolean {
    switch (action.kind) {
      case 'admit':
        admit();
        return true;
      case 'mark-launched':
        for (const { executionId, jobName } of action.launches) markLaunched(executionId, jobName);
        return true;
      case 'record':
        record(action.outcomes);
        return true;
      case 'verify-absence':
        if (jobs.has(action.jobName)) return false;
        absentJobs.add(action.jobName);
        return true;
      case 'release-job':
      case 'delete-job':
        release(action.job, action.kind === 'delete-job');
        return false;
      case 'delete-mall-sync':
        demand(mallSync.status?.completionTime !== undefined, 'deletes a MallSync that was not seen to end');
        demand(
          ![...jobs.values()].some((job) => job.hasOutcomeFinalizer),
          'deletes a MallSync before its Jobs are free',
        );
        isGone = true;
        return false;
      default:
        throw new Violation('an act that nobody knows');
    }
  }

  function observe(absentJobs: ReadonlySet<string>): Observed {
    const capacity = { limit: 30, active: jobs.size, ahead: 0 };
    return { mallSync, ledger: load(), jobs: [...cache.values()], pods, absentJobs, capacity };
  }

  function settle(crashAfter: number): Decision {
    const absentJobs = new Set<string>();
    let acts = 0;
    for (let round = 0; round < 6; round++) {
      const decision = decide(observe(absentJobs), nowMs, SETTINGS);
      let isChanged = false;
      for (const action of decision.actions) {
        if (acts === crashAfter) throw new Crash();
        isChanged = act(action, absentJobs) || isChanged;
        acts += 1;
      }
      if (!isChanged) return decision;
    }
    throw new Violation('decisions do not settle');
  }

  return {
    get mallSync() {
      return mallSync;
    },
    jobs,
    runs,
    nowMs: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
    deliver(count = events.length) {
      for (const { name, job } of events.splice(0, count)) {
        if (job === null) cache.delete(name);
        else cache.set(name, job);
      }
    },
    look: () => decide(observe(new Set()), nowMs, SETTINGS),
    reconcile(crashAfter = Number.POSITIVE_INFINITY) {
      if (isGone) return;
      try {
        const { status } = settle(crashAfter);
        if (isWorthSaving(mallSync.status, status)) mallSync = { ...mallSync, status };
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    },
    launch(crashBeforeNote = false) {
      const { spec, uid, name, createdAtMs, isDeleting } = mallSync;
      const next = runs.filter((run) => isLive(run.status) && run.launchedAtMs === null);
      const active = [...jobs.values()].filter(({ end }) => end === null).length;
      const isHeld = spec.suspend || spec.cancel || isDeleting;
      const { priority, parallelism } = spec;
      const queue = { uid, name, createdAtMs, priority, parallelism, isHeld, active, waiting: next.length, next };
      for (const { run } of planLaunches([queue], { limit: 30, active }).launches) {
        const jobName = `job-${run.executionId}`;
        if (!jobs.has(jobName)) {
          jobs.set(jobName, { ...buildJob({ executionId: run.executionId, createdAtMs: nowMs, startedAtMs: null }) });
          publish(jobName);
        }
        if (crashBeforeNote) return;
        markLaunched(run.executionId, jobName);
      }
    },
    editSpec(change) {
      mallSync = { ...mallSync, generation: mallSync.generation + 1, spec: { ...mallSync.spec, ...change } };
    },
    deleteMallSync() {
      mallSync = { ...mallSync, isDeleting: true };
    },
    editRun(index, change) {
      const run = runs[index % Math.max(1, runs.length)];
      if (run !== undefined) change(run);
    },
    editJob(index, change) {
      const job = [...jobs.values()][index % Math.max(1, jobs.size)];
      if (job === undefined) return;
      change(job);
      publish(job.name);
    },
    addJob(job) {
      if (jobs.has(job.name)) return;
      jobs.set(job.name, { ...job });
      publish(job.name);
    },
    troublePod(index, reason) {
      const job = [...jobs.values()][index % Math.max(1, jobs.size)];
      if (job === undefined || job.end !== null) return;
      const name = `${job.name}-pod-${pods.length}`;
      const trouble = { reason, message: 'the kubelet says so', sinceMs: nowMs };
      pods = [...pods, buildPod({ name, jobName: job.name, createdAtMs: nowMs, trouble })];
    },
  };
}

export function buildPending(mallId: number): MallRecord {
  return { mallId, result: 'PENDING', attemptWish: 0, executionId: null, reason: null, message: null };
}

export function buildPod(overrides: Partial<ObservedPod> = {}): ObservedPod {
  return {
    name: 'pod-1',
    uid: overrides.name ?? 'pod-1',
    jobName: 'job-1',
    createdAtMs: BEGINNING_MS,
    isDeleting: false,
    trouble: null,
    termination: null,
    ...overrides,
  };
}

export function buildEnd(kind: JobEnd['kind'], overrides: Partial<JobEnd> = {}): JobEnd {
  const reason = kind === 'complete' ? 'CompletionsReached' : 'BackoffLimitExceeded';
  return { kind, reason, message: '', atMs: BEGINNING_MS + 60_000, ...overrides };
}

import { decide } from '../../src/controller/decide.ts';
import type { Action, Decision, Observed } from '../../src/controller/decision.ts';
import type { Capacity } from '../../src/controller/decision.ts';
import type { MallSyncSpec, MallSyncStatus } from '../../src/controller/mall-sync.ts';
import type { ObservedJob, ObservedPod } from '../../src/controller/observed-job.ts';
import type { MallRecord, Run } from '../../src/controller/run.ts';
import { isLive } from '../../src/domain/execution.ts';
import type { FailureReason } from '../../src/domain/failure.ts';
import {
  BEGINNING_MS,
  buildJob,
  buildMallSync,
  buildPending,
  buildPod,
  buildRun,
  buildSpec,
  SETTINGS,
} from './controller-world.ts';

export const NOW_MS = BEGINNING_MS + 3_600_000;

export interface RunScene {
  readonly run?: Partial<Run>;
  readonly job?: Partial<ObservedJob> | null;
  readonly pods?: readonly Partial<ObservedPod>[];
  readonly absentJobs?: readonly string[];
  readonly spec?: Partial<MallSyncSpec>;
  readonly isDeleting?: boolean;
}

export const LAUNCHED: Partial<Run> = { jobName: 'job-1', launchedAgoMs: 600_000, status: 'RUNNING' };
export const COMPLETED: Partial<Run> = { ...LAUNCHED, status: 'COMPLETED', endedAgoMs: 5_000 };
export const RECORDED: Partial<Run> = { ...COMPLETED, isRecorded: true };

export function buildObserved(overrides: Partial<Observed> = {}): Observed {
  return {
    mallSync: buildMallSync(),
    ledger: { malls: null, runs: [] },
    jobs: [],
    pods: [],
    absentJobs: new Set(),
    capacity: { limit: 30, active: 0, ahead: 0 },
    ...overrides,
  };
}

/** One mall with one run. */
export function decideScene({
  run,
  job = {},
  pods = [],
  absentJobs = [],
  spec,
  isDeleting = false,
}: RunScene): Decision {
  const malls: readonly MallRecord[] = [{ ...buildPending(1), result: 'ADMITTED', executionId: 1 }];
  const observed = buildObserved({
    mallSync: buildMallSync({ isDeleting, spec: buildSpec({ mallIds: [1], ...spec }) }),
    ledger: { malls, runs: [buildRun({ ...LAUNCHED, ...run })] },
    jobs: job === null ? [] : [buildJob(job)],
    pods: pods.map(buildPod),
    absentJobs: new Set(absentJobs),
  });
  return decide(observed, NOW_MS, SETTINGS);
}

export function toLine(action: Action): string {
  if (action.kind === 'mark-launched') return `mark ${action.launches.map(({ jobName }) => jobName).join()}`;
  if (action.kind === 'verify-absence') return `verify ${action.jobName}`;
  if (action.kind === 'release-job') return `release ${action.job.name} ${action.ttlSeconds}`;
  if (action.kind === 'delete-job') return `delete ${action.job.name}`;
  if (action.kind !== 'record') return action.kind;
  const outcomes = action.outcomes.map(({ end, disagreement }) => {
    const told = end === null ? 'seen' : `${end.status} ${end.reason}`;
    return `${told} ${disagreement}`;
  });
  return `record ${outcomes.join()}`;
}

export function listLines(scene: RunScene): readonly string[] {
  return decideScene(scene).actions.map(toLine);
}

export const DONE = { status: 'COMPLETED', launchedAgoMs: 60_000, isRecorded: true } as const;
export const RUNS = { status: 'RUNNING', launchedAgoMs: 60_000 } as const;
export const QUEUED = { status: 'REQUESTED', launchedAgoMs: null } as const;
export const failed = (failureReason: FailureReason): Partial<Run> => ({
  ...DONE,
  status: 'FAILED',
  failureReason,
  failureMessage: 'as it was told',
});

export interface MallsScene {
  readonly spec?: Partial<MallSyncSpec>;
  readonly malls?: Readonly<Record<number, Partial<MallRecord>>>;
  readonly job?: Partial<ObservedJob>;
  readonly pods?: readonly Partial<ObservedPod>[];
  readonly capacity?: Partial<Capacity>;
  readonly previous?: MallSyncStatus;
  readonly nowMs?: number;
}

/** One mall for each run, numbered from 1; null: it has none. */
export function statusOf(runs: readonly (Partial<Run> | null)[], scene: MallsScene = {}): MallSyncStatus {
  const malls = runs.map((run, index): MallRecord => {
    const executionId = run === null ? null : index + 1;
    return { ...buildPending(index + 1), result: 'ADMITTED', executionId, ...scene.malls?.[index + 1] };
  });
  const made = runs.flatMap((run, index) =>
    run === null ? [] : [buildRun({ executionId: index + 1, jobName: `job-${index + 1}`, ...run })],
  );
  const launched = made.filter(({ status, launchedAgoMs }) => isLive(status) && launchedAgoMs !== null);
  const observed = {
    mallSync: buildMallSync({ spec: buildSpec(scene.spec), status: scene.previous ?? null }),
    ledger: { malls, runs: made },
    jobs: launched.map(({ executionId }) => buildJob({ executionId, ...scene.job })),
    pods: (scene.pods ?? []).map(buildPod),
    absentJobs: new Set<string>(),
    capacity: { limit: 30, active: 0, ahead: 0, ...scene.capacity },
  };
  return decide(observed, scene.nowMs ?? NOW_MS, SETTINGS).status;
}

export const image = (jobName: string): Partial<ObservedPod> => ({
  jobName,
  trouble: { reason: 'ImagePull', message: 'Back-off pulling image "x:1"', sinceMs: NOW_MS - 5_000 },
});
export const DUPLICATE = {
  result: 'REFUSED',
  reason: 'DuplicateRefused',
  message: 'already running as attempt 2 (execution 17)',
} as const;

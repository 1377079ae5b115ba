import { isLive } from '../domain/execution.ts';
import type { FailureReason } from '../domain/failure.ts';
import { isFailureReason } from '../domain/failure.ts';
import type { Observed } from './decision.ts';
import type { MallStanding } from './mall-counts.ts';
import { countMalls, listStandings } from './mall-counts.ts';
import type { MallCounts } from './mall-sync.ts';
import type { AdmissionVerdict } from './policies/admission-policies.ts';
import { findStartTrouble } from './policies/live-run-policies.ts';
import type { RunSighting } from './policies/run-sighting.ts';

/** Something that keeps launched runs from getting on. */
export interface Obstacle {
  /** Their Job cannot start, is tried again after a failed try, waits for its quota, or for calls of its mall. */
  readonly kind: 'cannot-start' | 'tried-again' | 'quota' | 'calls';
  readonly reason: FailureReason | null;
  /** Of one of them. */
  readonly message: string;
  readonly mallIds: readonly number[];
}

/** All that status, explanation and notices are told from. */
export interface Situation {
  readonly observed: Observed;
  readonly nowMs: number;
  /** Null: all malls were admitted or refused. */
  readonly admission: AdmissionVerdict | null;
  readonly isFinished: boolean;
  readonly standings: readonly MallStanding[];
  readonly counts: MallCounts;
  readonly obstacles: readonly Obstacle[];
}

export function buildSituation(
  observed: Observed,
  sightings: readonly RunSighting[],
  admission: AdmissionVerdict | null,
  nowMs: number,
): Situation {
  const isRefused = admission?.admission === 'refused';
  const refusal =
    isRefused && isFailureReason(admission.reason) ? { reason: admission.reason, message: admission.message } : null;
  const standings = listStandings(observed, refusal);
  const counts = countMalls(standings);
  const isSettled = observed.ledger.runs.every((run) => !isLive(run.status) && run.isRecorded);
  const isFinished = isRefused || (admission === null && isSettled && counts.waiting + counts.active === 0);
  const obstacles = listObstacles(sightings);
  return { observed, nowMs, admission, isFinished, standings, counts, obstacles };
}

function listObstacles(sightings: readonly RunSighting[]): readonly Obstacle[] {
  const obstacles = new Map<string, Obstacle>();
  for (const sighting of sightings) {
    const found = isLive(sighting.run.status) ? findObstacle(sighting) : null;
    if (found === null) continue;
    const key = `${found.kind} ${found.reason}`;
    const known = obstacles.get(key) ?? { ...found, mallIds: [] };
    obstacles.set(key, { ...known, mallIds: [...known.mallIds, sighting.run.mallId] });
  }
  return [...obstacles.values()];
}

function findObstacle(sighting: RunSighting): Omit<Obstacle, 'mallIds'> | null {
  const { run, job, pods } = sighting;
  if (job === null || job.end !== null || job.isDeleting) return null;
  if (job.isSuspended) return { kind: 'quota', reason: null, message: '' };
  const trouble = findStartTrouble(sighting);
  if (trouble !== null) return { kind: 'cannot-start', reason: trouble.reason, message: trouble.message };
  if (run.status === 'WAITING') return { kind: 'calls', reason: null, message: '' };
  const crash = pods.find(({ trouble: word }) => word !== null)?.trouble ?? null;
  if (crash !== null) return { kind: 'tried-again', reason: crash.reason, message: crash.message };
  if (run.lastReason === null) return null;
  return { kind: 'tried-again', reason: run.lastReason, message: run.lastMessage ?? '' };
}

import type { Situation } from '../status-situation.ts';
import type { Policy, Verdict } from './verdict.ts';

/** The written end may not have reached the cache yet. */
const SHORTEST_LOOK_MS = 1_000;
/** Nothing is heard of a release of our own, which may be part of this very decision. */
const RELEASE_LOOK_MS = 2_000;

/** Of a MallSync that has ended. */
export const EXPIRY_POLICIES: readonly Policy<Situation>[] = [
  keepUnfinished,
  keepUntilReleased,
  keepForReaders,
  expire,
];

function keepUnfinished({ isFinished, observed }: Situation): Verdict | null {
  if (isFinished && !observed.mallSync.isDeleting) return null;
  return { reason: 'InProgress', message: 'it has not ended', actions: [] };
}

function keepUntilReleased({ observed }: Situation): Verdict | null {
  if (!observed.jobs.some((job) => job.hasOutcomeFinalizer)) return null;
  return { reason: 'JobsLeft', message: 'its Jobs are not released', actions: [], requeueAfterMs: RELEASE_LOOK_MS };
}

/** From the written end on: nobody is to miss it. */
function keepForReaders({ observed, nowMs }: Situation): Verdict | null {
  const { status, spec } = observed.mallSync;
  const endMs = status?.completionTime === undefined ? nowMs : Date.parse(status.completionTime);
  const leftMs = endMs + spec.ttlSecondsAfterFinished * 1_000 - nowMs;
  if (status?.completionTime !== undefined && leftMs <= 0) return null;
  const requeueAfterMs = Math.max(SHORTEST_LOOK_MS, leftMs);
  return { reason: 'Kept', message: 'it has ended', actions: [], requeueAfterMs };
}

function expire(): Verdict | null {
  return { reason: 'Expired', message: 'it ended long ago', actions: [{ kind: 'delete-mall-sync' }] };
}

import type { RunSighting } from './run-sighting.ts';
import type { Verdict } from './verdict.ts';

/** A Job that was created within this time may not have reached the cache yet. */
const CACHE_LAG_MS = 15_000;

/** What to wait for or to look up before the Job of a launched run counts as gone; null when it is gone. */
export function verifyAbsence({ run, isProvenAbsent }: RunSighting): Verdict | null {
  if (isProvenAbsent || run.jobName === null) return null;
  const message = `Job ${run.jobName} is not in the cache`;
  const leftMs = CACHE_LAG_MS - (run.launchedAgoMs ?? 0);
  if (leftMs > 0) return { reason: 'JobNotSeen', message, actions: [], requeueAfterMs: leftMs };
  const actions = [{ kind: 'verify-absence', jobName: run.jobName }] as const;
  return { reason: 'JobNotSeen', message, actions, requeueAfterMs: CACHE_LAG_MS };
}

/**
 * What to wait for before a run that ended without a launch in the ledger counts as one without a Job: launches are noted
 * once all Jobs of their batch are created, and the first of these may have ended by then.
 */
export function awaitUnnotedJob({ run }: RunSighting): Verdict | null {
  const leftMs = CACHE_LAG_MS - (run.endedAgoMs ?? CACHE_LAG_MS);
  if (leftMs <= 0) return null;
  const message = 'it is settled, and its Job may not be known yet';
  return { reason: 'JobNotSeen', message, actions: [], requeueAfterMs: leftMs };
}

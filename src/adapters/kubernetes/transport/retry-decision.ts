import type { ClusterError } from '../../../controller/cluster-error.ts';
import type { KubeCall } from './kube-client.ts';

export interface FailedTry {
  readonly verb: KubeCall['verb'];
  readonly error: ClusterError;
  /** The connection broke before the first byte of an answer. */
  readonly isUnanswered: boolean;
  /** Tries so far, this one included. */
  readonly tries: number;
  readonly remainingMs: number;
}

const MOST_TRIES = 5;
const LONGEST_WAIT_MS = 10_000;
const RESET_WAIT_MS = 50;

/**
 * How long to wait before the same request is sent again; null: not at all. Only what the server has certainly not
 * carried out is repeated, and reads.
 */
export function decideRetryDelayMs(failed: FailedTry, random: () => number): number | null {
  if (failed.tries >= MOST_TRIES) return null;
  const delayMs = toDelayMs(failed);
  if (delayMs === null) return null;
  const jitteredMs = delayMs * (1 + random() * 0.25);
  return jitteredMs < failed.remainingMs ? jitteredMs : null;
}

function toDelayMs({ verb, error, isUnanswered, tries }: FailedTry): number | null {
  const isTurnedAway = error.status === 429 || error.status === 503;
  if (isTurnedAway && error.retryAfterMs !== undefined) return Math.min(error.retryAfterMs, LONGEST_WAIT_MS);
  if (isUnanswered && (verb === 'get' || verb === 'list')) return RESET_WAIT_MS * 2 ** (tries - 1);
  return null;
}

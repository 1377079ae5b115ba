import { ClusterError } from '../../controller/cluster-error.ts';
import type { MallSyncDraft } from '../../controller/mall-sync.ts';
import type { Clock } from '../../domain/clock.ts';

export interface DraftOutcome {
  readonly draft: MallSyncDraft;
  readonly result: 'created' | 'exists' | ClusterError;
}

/** False when one of that name exists already; rejects with ClusterError. */
export type CreateMallSync = (draft: MallSyncDraft) => Promise<boolean>;

const TRIES = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Creates each MallSync that is not there yet, in order. One that the API server refuses leaves the others alone; when it
 * does not answer, the rest is not tried.
 */
export async function createDrafts(
  drafts: readonly MallSyncDraft[],
  create: CreateMallSync,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly DraftOutcome[]> {
  const outcomes: DraftOutcome[] = [];
  for (const draft of drafts) {
    const result = await createWithPatience(draft, create, clock, signal);
    outcomes.push({ draft, result });
    if (result instanceof ClusterError && result.isTransient) break;
  }
  return outcomes;
}

async function createWithPatience(
  draft: MallSyncDraft,
  create: CreateMallSync,
  clock: Clock,
  signal: AbortSignal,
): Promise<DraftOutcome['result']> {
  for (let tries = 1; ; tries++) {
    try {
      return (await create(draft)) ? 'created' : 'exists';
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ClusterError)) throw error;
      if (!error.isTransient || tries === TRIES) return error;
      const pauseMs = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (tries - 1);
      await clock.sleep(Math.min(pauseMs, LONGEST_PAUSE_MS), signal);
    }
  }
}

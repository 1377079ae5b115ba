import { ClusterError } from '../../../controller/cluster-error.ts';
import type { Clock } from '../../../domain/clock.ts';
import type { KubeClient } from '../transport/kube-client.ts';
import type { ListedCollection } from './list-pages.ts';
import { toWatchEnd, type WatchEnd } from './watch-end.ts';
import { parseWatchEvent, type WatchEvent } from './watch-event.ts';

/** A server sends a bookmark about once a minute. */
const INACTIVITY_MS = 200_000;
const SHORTEST_SECONDS = 300;
const LONGEST_SECONDS = 600;
/** A watch that the server ends sooner is a fault. */
const WORTHWHILE_MS = 1_000;

export interface WatchOptions {
  readonly client: Pick<KubeClient, 'call' | 'watch'>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly collection: ListedCollection;
}

export interface WatchListener {
  readonly onOpened: () => void;
  readonly onEvent: (event: WatchEvent) => void;
}

export interface WatchOutcome {
  readonly end: WatchEnd;
  /** Null when the server ended it in order. */
  readonly error: unknown;
  readonly retryAfterMs: number;
}

/** Watches from `resourceVersion` on until the watch ends, in whichever way. Never rejects. */
export async function runWatch(
  { client, clock, random, collection }: WatchOptions,
  resourceVersion: string,
  { onOpened, onEvent }: WatchListener,
  signal: AbortSignal,
): Promise<WatchOutcome> {
  const startedMs = clock.monotonicMs();
  const seconds = Math.round(SHORTEST_SECONDS + random() * (LONGEST_SECONDS - SHORTEST_SECONDS));
  const query = {
    ...collection.query,
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(seconds),
  };
  let hasSpoken = false;
  try {
    const events = await client.watch({ path: collection.path, query, inactivityMs: INACTIVITY_MS }, signal);
    onOpened();
    for await (const raw of events) {
      onEvent(parseWatchEvent(raw));
      hasSpoken = true;
    }
  } catch (error) {
    const retryAfterMs = error instanceof ClusterError ? (error.retryAfterMs ?? 0) : 0;
    return { end: toWatchEnd(error, hasSpoken), error, retryAfterMs };
  }
  const isShort = clock.monotonicMs() - startedMs < WORTHWHILE_MS;
  return { end: isShort ? 'short' : 'closed', error: null, retryAfterMs: 0 };
}

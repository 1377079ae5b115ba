import { ClusterError } from '../../../controller/cluster-error.ts';
import { createCacheWriter, type CacheWriter, type CacheWriterOptions } from './cache-writer.ts';
import { listPages } from './list-pages.ts';
import type { StoredObject } from './object-store.ts';
import { runWatch, type WatchOptions } from './run-watch.ts';
import { createWatchBackOff } from './watch-back-off.ts';
import { CONSEQUENCES, NO_WATCH_ENDS, type WatchEnd } from './watch-end.ts';
import type { WatchEvent } from './watch-event.ts';

/** After so many watches in a row that were not even accepted, the version to go on from is doubted too. */
const MOST_DEAF_WATCHES = 3;
/** An event that was lost on its way is made up for by the next list, which comes at the end of a watch. */
const LIST_STANDS_MS = 3_600_000;

export interface ReflectorOptions<Item> extends CacheWriterOptions<Item>, WatchOptions {}

export interface ReflectorHealth {
  readonly hasSynced: boolean;
  readonly objects: number;
  readonly lists: number;
  readonly watchEnds: Readonly<Record<WatchEnd, number>>;
  /** Times that an object could not be read. */
  readonly unreadable: number;
  /** Since the server was last heard: an answer, an event or a bookmark; null before the first. */
  readonly silentMs: number | null;
}

export interface Reflector {
  /** Resolves with the first complete list. */
  readonly synced: Promise<void>;
  /** Keeps the store like the cluster until the signal aborts; never rejects. To be called once. */
  run(signal: AbortSignal): Promise<void>;
  readHealth(): ReflectorHealth;
}

/**
 * Lists, then watches from there; each end of a watch leads back into the same loop, which lists again only where the
 * place in the stream was lost, or the last list is an hour old.
 */
export function createReflector<Item>(options: ReflectorOptions<Item>): Reflector {
  const { clock, onFault } = options;
  const writer = createCacheWriter(options);
  const backOff = createWatchBackOff(clock, options.random);
  const { promise: synced, resolve: noteSynced } = Promise.withResolvers<void>();
  const watchEnds = { ...NO_WATCH_ENDS };
  let [lists, deafWatches] = [0, 0];
  let heardAtMs: number | null = null;
  let listUntilMs = Number.NEGATIVE_INFINITY;
  /** To watch from; null: only a list can tell. */
  let resourceVersion: string | null = null;

  const noteHeard = (): void => {
    heardAtMs = clock.monotonicMs();
    deafWatches = 0;
  };

  async function list(signal: AbortSignal): Promise<number> {
    try {
      resourceVersion = await replaceAll(options, writer, noteHeard, signal);
      listUntilMs = clock.monotonicMs() + LIST_STANDS_MS;
    } catch (error) {
      if (signal.aborted) return 0;
      onFault({ at: 'list', error });
      return backOff.nextDelayMs(error instanceof ClusterError ? error.retryAfterMs : undefined);
    }
    lists += 1;
    noteSynced();
    return 0;
  }

  async function watch(from: string, signal: AbortSignal): Promise<number> {
    deafWatches += 1;
    const onEvent = (event: WatchEvent): void => {
      noteHeard();
      if (event.kind !== 'bookmark') writer.take(event);
      resourceVersion = event.identity.resourceVersion;
    };
    const { end, error, retryAfterMs } = await runWatch(options, from, { onOpened: noteHeard, onEvent }, signal);
    if (signal.aborted) return 0;
    watchEnds[end] += 1;
    if (error !== null) onFault({ at: 'watch', error });
    const { needsList, needsPause } = CONSEQUENCES[end];
    if (needsList || deafWatches >= MOST_DEAF_WATCHES || clock.monotonicMs() >= listUntilMs) resourceVersion = null;
    return needsPause ? backOff.nextDelayMs(retryAfterMs) : 0;
  }

  return {
    synced,
    async run(signal) {
      while (!signal.aborted) {
        const pauseMs = resourceVersion === null ? await list(signal) : await watch(resourceVersion, signal);
        if (pauseMs > 0 && !signal.aborted) await clock.sleep(pauseMs, signal).catch(() => undefined);
      }
    },
    readHealth: () => ({
      hasSynced: writer.hasSynced,
      objects: options.store.size,
      lists,
      watchEnds: { ...watchEnds },
      unreadable: writer.unreadable,
      silentMs: heardAtMs === null ? null : clock.monotonicMs() - heardAtMs,
    }),
  };
}

/** @returns the version to watch from */
async function replaceAll<Item>(
  { client, collection }: WatchOptions,
  writer: CacheWriter<Item>,
  onHeard: () => void,
  signal: AbortSignal,
): Promise<string> {
  const objects = new Map<string, StoredObject<Item>>();
  const onPage = (items: readonly unknown[], isFirst: boolean): void => {
    onHeard();
    if (isFirst) objects.clear();
    for (const raw of items) {
      const stored = writer.toStored(raw);
      if (stored !== null) objects.set(stored.name, stored);
    }
  };
  const resourceVersion = await listPages(client, collection, onPage, signal);
  writer.replace(objects);
  return resourceVersion;
}

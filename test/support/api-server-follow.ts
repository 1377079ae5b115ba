import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServerClient, KubeObject, WatchEvent } from './api-server-door.ts';

const PAUSE_MS = 50;

/** A collection's objects by uid, as last seen. */
type Known = Map<string, KubeObject>;

type Door = Pick<ApiServerClient, 'request' | 'watch'>;

/** Lists and watches, and begins again whenever the watch ends. */
export async function* followCollection(door: Door, path: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  const known: Known = new Map();
  while (!signal.aborted) {
    const list = await door.request('GET', path);
    yield* compare(known, list.items);
    yield* watchFrom(door, path, list.metadata.resourceVersion, known, signal);
    if (!signal.aborted) await sleep(PAUSE_MS);
  }
}

/** Ends with the watch, however it ends. */
async function* watchFrom(
  door: Door,
  path: string,
  resourceVersion: string,
  known: Known,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const events = door.watch(path, resourceVersion, signal);
  for (;;) {
    const next = await events.next().catch(() => null);
    if (next === null || next.done === true) return;
    const { type, object } = next.value;
    if (type === 'ERROR') return;
    if (type === 'BOOKMARK') continue;
    if (type === 'DELETED') known.delete(object.metadata.uid);
    else known.set(object.metadata.uid, object);
    yield next.value;
  }
}

/** What changed between the objects known and those listed now. */
function compare(known: Known, items: readonly KubeObject[]): readonly WatchEvent[] {
  const events: WatchEvent[] = [];
  const listed = new Set<string>();
  for (const object of items) {
    const { uid, resourceVersion } = object.metadata;
    listed.add(uid);
    const before = known.get(uid);
    if (before === undefined) events.push({ type: 'ADDED', object });
    else if (before.metadata.resourceVersion !== resourceVersion) events.push({ type: 'MODIFIED', object });
    known.set(uid, object);
  }
  for (const [uid, object] of known) {
    if (listed.has(uid)) continue;
    known.delete(uid);
    events.push({ type: 'DELETED', object });
  }
  return events;
}

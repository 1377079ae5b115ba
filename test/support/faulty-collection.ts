import type { KubeCall, KubeClient, KubeWatch } from '../../src/adapters/kubernetes/transport/kube-client.ts';
import { ClusterError } from '../../src/controller/cluster-error.ts';

/** What happens between two things that a client is told. */
export type CollectionTurn =
  | { readonly kind: 'create' | 'change' | 'delete' | 'replace'; readonly name: string }
  | { readonly kind: 'compact' }
  | { readonly kind: 'break' | 'error-event' | 'close' | 'bookmark' };

export interface CollectionObject {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
}

interface LoggedEvent {
  readonly version: number;
  readonly type: string;
  readonly object: CollectionObject;
}

/** A collection as an API server keeps it: versions, a history that is compacted, pages as of one moment. */
export interface FaultyCollection extends Pick<KubeClient, 'call' | 'watch'> {
  readonly objects: ReadonlyMap<string, CollectionObject>;
  /** Resolves when all turns were taken and a watch has told everything. */
  readonly told: Promise<void>;
}

const PAGE = 2;

/** Takes one turn before each answer and each line. */
export function createFaultyCollection(turns: readonly CollectionTurn[]): FaultyCollection {
  const objects = new Map<string, CollectionObject>();
  const history: LoggedEvent[] = [];
  const snapshots = new Map<string, readonly CollectionObject[]>();
  const { promise: told, resolve: tell } = Promise.withResolvers<void>();
  let version = 1;
  let uids = 0;
  let compactedTo = 0;
  let taken = 0;

  const write = (type: string, name: string, uid: string): void => {
    version += 1;
    const object = { metadata: { name, uid, resourceVersion: String(version) } };
    if (type === 'DELETED') objects.delete(name);
    else objects.set(name, object);
    history.push({ version, type, object });
  };
  const takeTurn = (): CollectionTurn['kind'] | null => {
    const turn = turns[taken++];
    if (turn === undefined) return null;
    if (turn.kind === 'compact') compactedTo = version;
    if (!('name' in turn)) return turn.kind;
    const known = objects.get(turn.name);
    if (known === undefined) {
      if (turn.kind === 'create') write('ADDED', turn.name, `uid-${(uids += 1)}`);
    } else if (turn.kind === 'change') {
      write('MODIFIED', turn.name, known.metadata.uid);
    } else if (turn.kind !== 'create') {
      write('DELETED', turn.name, known.metadata.uid);
      if (turn.kind === 'replace') write('ADDED', turn.name, `uid-${(uids += 1)}`);
    }
    return turn.kind;
  };
  const list = ({ query = {} }: KubeCall): unknown => {
    const [at = '', offset = '0'] = query['continue']?.split('/') ?? [String(version)];
    if (Number(at) < compactedTo) throw new ClusterError('gone', 'the token has expired');
    const all = snapshots.get(at) ?? [...objects.values()];
    snapshots.set(at, all);
    const end = query['limit'] === undefined ? all.length : Number(offset) + PAGE;
    const rest = end < all.length ? `${at}/${end}` : '';
    return { metadata: { resourceVersion: at, continue: rest }, items: all.slice(Number(offset), end) };
  };
  async function* follow(from: number, signal: AbortSignal): AsyncGenerator {
    let at = from;
    for (;;) {
      const turn = takeTurn();
      if (turn === 'break') throw new ClusterError('unavailable', 'reset');
      if (turn === 'error-event') yield { type: 'ERROR', object: { code: 500 } };
      if (turn === 'close') return;
      if (at < compactedTo && at === from) yield { type: 'ERROR', object: { code: 410 } };
      const next = history.find((event) => event.version > at);
      if (next !== undefined) {
        yield { type: next.type, object: next.object };
        at = next.version;
      } else if (turn === 'bookmark') {
        yield { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version) } } };
        at = version;
      } else if (turn === null) {
        tell();
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      }
    }
  }
  return {
    objects,
    told,
    async call(call: KubeCall) {
      if (takeTurn() === 'break') throw new ClusterError('unavailable', 'reset');
      return await Promise.resolve(list(call));
    },
    async watch({ query }: KubeWatch, signal) {
      if (takeTurn() === 'break') throw new ClusterError('unavailable', 'reset');
      return await Promise.resolve(follow(Number(query['resourceVersion']), signal));
    },
  };
}

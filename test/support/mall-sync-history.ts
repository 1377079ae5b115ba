import { atFileEnd } from './file-end.ts';
import type { KubeObject } from './api-server-door.ts';
import type { ClusterWorld } from './cluster-world.ts';

/** Every version of the MallSyncs of a namespace, as watchers see them. */
export interface MallSyncHistory {
  /** The statuses that were ever written, oldest first. */
  listStatuses(name: string): readonly KubeObject[];
}

export function followMallSyncs({ client, namespace }: Pick<ClusterWorld, 'client' | 'namespace'>): MallSyncHistory {
  const versions: KubeObject[] = [];
  const stop = new AbortController();
  const path = `/apis/mallsync.io/v1alpha1/namespaces/${namespace}/mallsyncs`;
  const following = (async () => {
    for await (const { type, object } of client.follow(path, stop.signal))
      if (type !== 'DELETED') versions.push(object);
  })();
  atFileEnd(async () => {
    stop.abort();
    await following;
  });
  return {
    listStatuses: (name) =>
      versions.flatMap(({ metadata, status }) => (metadata.name === name && status !== undefined ? [status] : [])),
  };
}

/** What is wrong with a written status by itself; empty when nothing is. */
export function listStatusFaults(status: KubeObject): readonly string[] {
  const { total, ...standings } = status.malls as Record<string, number>;
  const sum = Object.values(standings).reduce((all, count) => all + count, 0);
  const types = status.conditions.map(({ type }: KubeObject) => type);
  const isOver = status.completionTime !== undefined;
  const succeeded = status.conditions.find(({ type }: KubeObject) => type === 'Succeeded');
  return [
    ...(sum === total ? [] : [`${JSON.stringify(standings)} is not ${total}`]),
    ...(new Set(types).size === 4 ? [] : [`conditions ${types}`]),
    ...(status.explanation === '' ? ['nothing is explained'] : []),
    ...(isOver === (succeeded.status !== 'Unknown') ? [] : [`Succeeded is ${succeeded.status}`]),
    ...(isOver && status.malls.waiting + status.malls.active > 0 ? ['it ended before its malls'] : []),
  ];
}

import type { ClusterView } from '../../../controller/cluster.ts';
import type { MallSync } from '../../../controller/mall-sync.ts';
import type { ObservedJob, ObservedPod } from '../../../controller/observed-job.ts';
import type { Clock } from '../../../domain/clock.ts';
import { MANAGED_SELECTOR } from '../object-labels.ts';
import { toResourcePath } from '../resource-path.ts';
import type { KubeClient } from '../transport/kube-client.ts';
import type { ReflectorFault } from './cache-writer.ts';
import { createObjectStore, type IndexedStore, type StoreChange } from './object-store.ts';
import { createReflector, type Reflector, type ReflectorHealth } from './reflector.ts';

const SYNC_DEADLINE_MS = 120_000;

export type CacheChange =
  | ({ readonly kind: 'mall-sync' } & StoreChange<MallSync>)
  | ({ readonly kind: 'job' } & StoreChange<ObservedJob>)
  | ({ readonly kind: 'pod' } & StoreChange<ObservedPod>);

/** As RBAC and the metrics name them. */
export type CachedResource = 'mallsyncs' | 'jobs' | 'pods';

export interface ClusterCacheOptions {
  readonly client: Pick<KubeClient, 'call' | 'watch'>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly namespace: string;
  readonly parseMallSync: (raw: unknown) => MallSync;
  readonly parseJob: (raw: unknown) => ObservedJob;
  readonly parsePod: (raw: unknown) => ObservedPod;
  /**
   * Called when the view shows the change already.
   * @param isInitial it was there when the controller came
   */
  readonly onChange: (change: CacheChange, isInitial: boolean) => void;
  /** To be logged: the cache goes on by itself. */
  readonly onFault: (resource: CachedResource, fault: ReflectorFault) => void;
}

/** What the cluster said last of the MallSyncs of a namespace and of the Jobs and pods of this program in it. */
export interface ClusterCache {
  readonly view: ClusterView;
  /** Keeps the view like the cluster until the signal aborts; never rejects. To be called once. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when all is listed; rejects after two minutes, or with the signal's reason. */
  awaitSync(signal: AbortSignal): Promise<void>;
  readHealth(): Readonly<Record<CachedResource, ReflectorHealth>>;
}

export function createClusterCache(options: ClusterCacheOptions): ClusterCache {
  const mallSyncs = createObjectStore<MallSync>(({ uid }) => uid);
  const jobs = createObjectStore<ObservedJob>(({ ownerUid }) => ownerUid);
  const pods = createObjectStore<ObservedPod>(({ jobName }) => jobName);
  const managed = { labelSelector: MANAGED_SELECTOR };
  const reflectors: Readonly<Record<CachedResource, Reflector>> = {
    mallsyncs: reflect('mallsyncs', {}, mallSyncs, options.parseMallSync, (change, isInitial) =>
      options.onChange({ kind: 'mall-sync', ...change }, isInitial),
    ),
    jobs: reflect('jobs', managed, jobs, options.parseJob, (change, isInitial) =>
      options.onChange({ kind: 'job', ...change }, isInitial),
    ),
    pods: reflect('pods', managed, pods, options.parsePod, (change, isInitial) =>
      options.onChange({ kind: 'pod', ...change }, isInitial),
    ),
  };

  function reflect<Item>(
    resource: CachedResource,
    query: Readonly<Record<string, string>>,
    store: IndexedStore<Item>,
    project: (raw: unknown) => Item,
    onChange: (change: StoreChange<Item>, isInitial: boolean) => void,
  ): Reflector {
    const collection = { path: toResourcePath(resource, options.namespace), query };
    const onFault = (fault: ReflectorFault): void => options.onFault(resource, fault);
    const { client, clock, random } = options;
    return createReflector({ client, clock, random, collection, store, project, onChange, onFault });
  }

  return {
    view: buildView(mallSyncs, jobs, pods),
    async run(signal) {
      await Promise.all(Object.values(reflectors).map((reflector) => reflector.run(signal)));
    },
    awaitSync: (signal) => awaitSync(reflectors, options.clock, signal),
    readHealth: () => ({
      mallsyncs: reflectors.mallsyncs.readHealth(),
      jobs: reflectors.jobs.readHealth(),
      pods: reflectors.pods.readHealth(),
    }),
  };
}

function buildView(
  mallSyncs: IndexedStore<MallSync>,
  jobs: IndexedStore<ObservedJob>,
  pods: IndexedStore<ObservedPod>,
): ClusterView {
  return {
    findMallSync: (name) => mallSyncs.find(name)?.item,
    findMallSyncByUid: (uid) => mallSyncs.listBy(uid)[0],
    listMallSyncs: () => mallSyncs.list(),
    listJobs: () => jobs.list(),
    listJobsOf: (mallSyncUid) => jobs.listBy(mallSyncUid),
    listPodsOf: (jobName) => pods.listBy(jobName),
  };
}

async function awaitSync(
  reflectors: Readonly<Record<CachedResource, Reflector>>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const late = clock.sleep(SYNC_DEADLINE_MS, AbortSignal.any([signal, done.signal])).then(() => {
    const missing = Object.entries(reflectors).filter(([, reflector]) => !reflector.readHealth().hasSynced);
    throw new Error(`the caches of ${missing.map(([name]) => name).join(', ')} did not fill within two minutes`);
  });
  late.catch(() => undefined);
  try {
    await Promise.race([Promise.all(Object.values(reflectors).map(({ synced }) => synced)), late]);
  } finally {
    done.abort();
  }
}

import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createCluster } from '../../adapters/kubernetes/cluster-client.ts';
import type { Elector } from '../../adapters/kubernetes/elector/elector.ts';
import { createElector } from '../../adapters/kubernetes/elector/elector.ts';
import { parseJob } from '../../adapters/kubernetes/job-parser.ts';
import { parseMallSync } from '../../adapters/kubernetes/mall-sync-parser.ts';
import type { EventRecorder } from '../../adapters/kubernetes/recorder.ts';
import { createEventRecorder } from '../../adapters/kubernetes/recorder.ts';
import { parsePod } from '../../adapters/kubernetes/pod-parser.ts';
import type { CacheChange, ClusterCache } from '../../adapters/kubernetes/reflector/cluster-cache.ts';
import { createClusterCache } from '../../adapters/kubernetes/reflector/cluster-cache.ts';
import { readDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import { createControllerMetrics } from '../../adapters/telemetry/controller-metrics.ts';
import { systemClock } from '../../domain/clock.ts';
import type { ClusterDoor } from '../use-cluster.ts';
import { useCluster } from '../use-cluster.ts';
import { readVersion } from '../version.ts';
import type { ControllerContext } from './controller-context.ts';
import { awaitInstallationId } from './installation.ts';
import { lead } from './lead.ts';
import { loadJobSettings } from './load-job-settings.ts';
import { leaveEndingNamespace } from './namespace-end.ts';
import { startControllerProbes } from './controller-probes.ts';
import type { Term } from './term.ts';
import { LOOPS } from './term.ts';

const LEASE_NAME = 'mallsync-controller';
const GOODBYE_MS = 5_000;

type Listener = (change: CacheChange, isInitial: boolean) => void;

/** Keeps the caches warm, waits for the Lease, leads, and gives the Lease back when all work has drained. */
export async function runController(context: ControllerContext): Promise<void> {
  const metrics = createControllerMetrics({
    controllers: LOOPS,
    leaseName: LEASE_NAME,
    process: {
      version: readVersion(),
      process: 'controller',
      clock: systemClock,
      askDatabase: () => readDatabaseClock(context.database),
    },
  });
  await useCluster(context.settings, context.io, metrics.api, (door) => runOn(context, door, metrics));
}

async function runOn(
  context: ControllerContext,
  door: ClusterDoor,
  metrics: ReturnType<typeof createControllerMetrics>,
): Promise<void> {
  const { settings, io, log } = context;
  const { namespace, transport } = door;
  const jobSettings = await loadJobSettings(settings, io.environment);
  const onTrouble = (error: unknown): void => log.warn('the API server is asked again', { error });
  const place = { clusterId: settings.clusterId, namespace };
  const installationId = await awaitInstallationId(transport.calls, place, onTrouble, systemClock, io.signal);
  const podName = io.environment['POD_NAME'] ?? hostname();
  const identity = `${podName}_${randomUUID()}`;
  const listeners = new Set<Listener>();
  const cache = createCache(context, door, listeners);
  metrics.trackCaches(() => Object.entries(cache.readHealth()).map(([resource, health]) => ({ resource, ...health })));
  const elector = buildElector(context, door, identity);
  const recorder = buildRecorder(context, door, podName);
  let term: Term | null = null;
  const readWorkMs = (): readonly number[] => LOOPS.flatMap((loop) => term?.listWorkMs(loop) ?? []);
  const probes = await startControllerProbes(context, { metrics, cache, elector, readWorkMs });
  const background = new AbortController();
  const caching = cache.run(background.signal);
  log.info('controller started', { namespace, installationId, identity, url: probes.url });
  const cluster = createCluster({ client: transport.calls, namespace, jobSettings });
  const subscribe = (listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const own = { namespace, installationId, identity, cluster, recorder, metrics, subscribe, clock: systemClock };
  const onTerm = (next: Term | null): void => void (term = next);
  try {
    await cache.awaitSync(io.signal);
    let isDrained = true;
    await elector.run(async (leading) => {
      isDrained = await lead({ ...context, ...own, view: cache.view, onTerm }, leading);
    }, io.signal);
    await recorder.drain(AbortSignal.timeout(GOODBYE_MS));
    if (isDrained) await elector.release(AbortSignal.timeout(GOODBYE_MS));
    log.info('controller stopped', { isDrained });
  } catch (error) {
    // whoever has lost the lead writes nothing more, and Events neither
    await recorder.drain(AbortSignal.abort(error));
    throw error;
  } finally {
    background.abort();
    await caching;
    if (io.signal.aborted) await leaveEndingNamespace(context, door, installationId);
    await probes.close();
  }
}

function buildElector({ settings, log }: ControllerContext, door: ClusterDoor, identity: string): Elector {
  return createElector({
    client: door.transport.lease,
    clock: systemClock,
    lease: { namespace: door.namespace, name: LEASE_NAME },
    identity,
    timing: {
      leaseSeconds: settings.leaderLeaseSeconds,
      renewDeadlineSeconds: settings.leaderRenewSeconds,
      retrySeconds: settings.leaderRetrySeconds,
    },
    onHolder: (holder) => log.info('leader observed', { holder, isSelf: holder === identity }),
    onFault: (error) => log.warn('the Lease is tried again', { error }),
  });
}

function buildRecorder({ log }: ControllerContext, door: ClusterDoor, podName: string): EventRecorder {
  return createEventRecorder({
    client: door.transport.calls,
    clock: systemClock,
    namespace: door.namespace,
    instance: podName,
    createSuffix: () => randomBytes(8).toString('hex'),
    onLost: ({ mallSyncName: mallSync, notice, why, error }) =>
      log.warn('Event lost', { mallSync, event: notice.reason, note: notice.message, why, error }),
  });
}

function createCache(
  { log }: ControllerContext,
  { transport, namespace }: ClusterDoor,
  listeners: ReadonlySet<Listener>,
): ClusterCache {
  return createClusterCache({
    client: transport.calls,
    clock: systemClock,
    random: Math.random,
    namespace,
    parseMallSync,
    parseJob,
    parsePod,
    onChange: (change, isInitial) => {
      for (const listener of listeners) listener(change, isInitial);
    },
    onFault: (resource, { at, error }) => log.warn('cache goes on after a fault', { resource, at, error }),
  });
}

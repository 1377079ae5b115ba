import type { Elector } from '../../adapters/kubernetes/elector/elector.ts';
import type { ClusterCache } from '../../adapters/kubernetes/reflector/cluster-cache.ts';
import { readDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import type { ControllerMetrics } from '../../adapters/telemetry/controller-metrics.ts';
import type { ProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { startProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { systemClock } from '../../domain/clock.ts';
import { blameSetting } from '../blame-setting.ts';
import { createFleetLoader } from '../fleet-state.ts';
import type { ControllerContext } from './controller-context.ts';
import {
  createCacheCheck,
  createDatabaseCheck,
  createElectorCheck,
  createLoopCheck,
  createWorkersCheck,
} from './health.ts';
import { RECONCILE_TIMEOUT_MS } from './term.ts';

export interface Probed {
  readonly metrics: ControllerMetrics;
  readonly cache: ClusterCache;
  readonly elector: Elector;
  /** How long workers have had the keys they have. */
  readonly readWorkMs: () => readonly number[];
}

/** A leader whose elector has slept through its lease by so much will not wake up by itself. */
const ELECTOR_GRACE_MS = 20_000;
const STUCK_GRACE_MS = 60_000;
const RESOURCES = ['mallsyncs', 'jobs', 'pods'] as const;

export async function startControllerProbes(
  { settings, database, log, io }: ControllerContext,
  { metrics, cache, elector, readWorkMs }: Probed,
): Promise<ProbeServer> {
  const { host, port } = settings;
  const leaseMs = settings.leaderLeaseSeconds * 1_000;
  const readElector = () => elector.readHealth();
  const loadFleet = createFleetLoader({ settings, database, log, clock: systemClock });
  return await startProbeServer({
    host,
    port,
    clock: systemClock,
    live: [
      createLoopCheck(systemClock, leaseMs, io.signal),
      createElectorCheck(readElector, systemClock, leaseMs + ELECTOR_GRACE_MS),
      createWorkersCheck(readWorkMs, RECONCILE_TIMEOUT_MS + STUCK_GRACE_MS),
    ],
    ready: [
      ...RESOURCES.map((resource) => createCacheCheck(resource, () => cache.readHealth()[resource])),
      createDatabaseCheck(() => readDatabaseClock(database)),
    ],
    async renderMetrics() {
      return await metrics.render(elector.readHealth().isLeading ? loadFleet : null);
    },
  }).catch(blameSetting(`--host and --port must be free to listen on; ${host}:${port} is not`));
}

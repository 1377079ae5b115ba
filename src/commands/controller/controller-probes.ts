import type { Elector } from '../../adapters/kubernetes/elector/elector.ts';
import type { ClusterCache } from '../../adapters/kubernetes/reflector/cluster-cache.ts';
import type { ReflectorHealth } from '../../adapters/kubernetes/reflector/reflector.ts';
import { loadFleetGauges } from '../../adapters/postgres/fleet-gauges.ts';
import { loadMetricTotals } from '../../adapters/postgres/metric-totals.ts';
import type { ControllerMetrics } from '../../adapters/telemetry/controller-metrics.ts';
import type { ProbeCheck } from '../../adapters/telemetry/probe-check.ts';
import type { ProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { startProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { systemClock } from '../../domain/clock.ts';
import { blameSetting } from '../blame-setting.ts';
import type { ControllerContext } from './controller-context.ts';

export interface Probed {
  readonly metrics: ControllerMetrics;
  readonly cache: ClusterCache;
  readonly elector: Elector;
}

/** A leader whose elector has slept through its lease by so much will not wake up by itself. */
const ELECTOR_GRACE_MS = 20_000;
/** Bookmarks come every minute or so. */
const STALE_CACHE_MS = 300_000;

export async function startControllerProbes(
  { settings, database }: ControllerContext,
  { metrics, cache, elector }: Probed,
): Promise<ProbeServer> {
  const { host, port, mallMetrics } = settings;
  const longestSilenceMs = settings.leaderLeaseSeconds * 1_000 + ELECTOR_GRACE_MS;
  return await startProbeServer({
    host,
    port,
    clock: systemClock,
    live: [{ name: 'leader-election', run: () => judgeElector(elector, longestSilenceMs) }],
    ready: [
      ...listCacheChecks(cache),
      {
        name: 'database',
        async run() {
          await loadMetricTotals(database.pool);
          return null;
        },
      },
    ],
    async renderMetrics() {
      const loadFleet = async () => {
        const totals = await loadMetricTotals(database.pool);
        return { totals, gauges: await loadFleetGauges(database.pool, mallMetrics) };
      };
      return await metrics.render(elector.readHealth().isLeading ? loadFleet : null);
    },
  }).catch(blameSetting(`--host and --port must be free to listen on; ${host}:${port} is not`));
}

/** An API server that is silent is nothing that a restart mends, so only a leader that should have noticed fails. */
function judgeElector(elector: Elector, longestSilenceMs: number): string | null {
  const { isLeading, silentMs } = elector.readHealth();
  return isLeading && silentMs !== null && silentMs > longestSilenceMs ? 'leads without having renewed' : null;
}

function listCacheChecks(cache: ClusterCache): readonly ProbeCheck[] {
  return (['mallsyncs', 'jobs', 'pods'] as const).map((resource) => ({
    name: `cache-${resource}`,
    run: () => judgeCache(cache.readHealth()[resource]),
  }));
}

function judgeCache({ hasSynced, silentMs }: ReflectorHealth): string | null {
  if (!hasSynced) return 'not listed yet';
  return silentMs !== null && silentMs > STALE_CACHE_MS ? 'the watch is silent' : null;
}

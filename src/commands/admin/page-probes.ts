import { readDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import type { PageMetrics } from '../../adapters/telemetry/page-metrics.ts';
import type { ProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { startProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { systemClock } from '../../domain/clock.ts';
import { blameSetting } from '../blame-setting.ts';
import { createDatabaseCheck } from '../controller/health.ts';

/** Serves the page's metrics where its visitors do not come. @throws a usage error when the address is taken */
export async function startPageProbes(
  { metricsHost: host, metricsPort: port }: { readonly metricsHost: string; readonly metricsPort: number },
  database: Database,
  metrics: PageMetrics,
): Promise<ProbeServer> {
  return await startProbeServer({
    host,
    port,
    clock: systemClock,
    live: [],
    ready: [createDatabaseCheck(() => readDatabaseClock(database))],
    renderMetrics: () => metrics.render(),
  }).catch(blameSetting(`--metrics-host and --metrics-port must be free to listen on; ${host}:${port} is not`));
}

import { loadFleetGauges } from '../../adapters/postgres/fleet-gauges.ts';
import { loadMetricTotals } from '../../adapters/postgres/metric-totals.ts';
import { renderFleetMetrics } from '../../adapters/telemetry/fleet-metrics.ts';
import type { ProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { startProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { blameSetting } from '../blame-setting.ts';
import type { ServeContext } from './serve-context.ts';

export async function startMetrics({ settings, database, clock }: ServeContext): Promise<ProbeServer> {
  const { host, port, mallMetrics } = settings;
  return await startProbeServer({
    host,
    port,
    clock,
    live: [],
    ready: [
      {
        name: 'database',
        async run() {
          await loadFleetGauges(database.pool, false);
          return null;
        },
      },
    ],
    async renderMetrics() {
      const totals = await loadMetricTotals(database.pool);
      return await renderFleetMetrics({ totals, gauges: await loadFleetGauges(database.pool, mallMetrics) });
    },
  }).catch(blameSetting(`--host and --port must be free to listen on; ${host}:${port} is not`));
}

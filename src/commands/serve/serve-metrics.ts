import { readDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import type { ProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { startProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { createServeMetrics } from '../../adapters/telemetry/serve-metrics.ts';
import { createDatabaseCheck } from '../controller/health.ts';
import { createFleetLoader, type FleetSettings } from '../fleet-state.ts';
import { readVersion } from '../version.ts';
import type { ServeContext } from './serve-context.ts';

export type MetricsContext = Pick<ServeContext, 'database' | 'clock' | 'log' | 'pageMetrics'> & {
  readonly settings: FleetSettings & { readonly host: string };
};

/** Serves the series of the fleet, of this process and of its page. @throws the listening error of node:http */
export async function startMetrics(context: MetricsContext, port: number): Promise<ProbeServer> {
  const { settings, database, clock, pageMetrics } = context;
  const askDatabase = (): Promise<unknown> => readDatabaseClock(database);
  const metrics = createServeMetrics({ version: readVersion(), process: 'serve', clock, askDatabase });
  const loadFleet = createFleetLoader(context);
  return await startProbeServer({
    host: settings.host,
    port,
    clock,
    live: [],
    ready: [createDatabaseCheck(askDatabase)],
    renderMetrics: () => metrics.render(loadFleet, pageMetrics),
  });
}

import { readDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import { renderFleetMetrics } from '../../adapters/telemetry/fleet-metrics.ts';
import type { ProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { startProbeServer } from '../../adapters/telemetry/probe-server.ts';
import { blameSetting } from '../blame-setting.ts';
import { createDatabaseCheck } from '../controller/health.ts';
import { loadFleetState } from '../fleet-state.ts';
import type { ServeContext } from './serve-context.ts';

export async function startMetrics({ settings, database, clock, pageMetrics }: ServeContext): Promise<ProbeServer> {
  const { host, port, mallMetrics } = settings;
  return await startProbeServer({
    host,
    port,
    clock,
    live: [],
    ready: [createDatabaseCheck(() => readDatabaseClock(database))],
    async renderMetrics() {
      const { contentType, text } = await renderFleetMetrics(await loadFleetState(database, mallMetrics));
      return { contentType, text: text + ((await pageMetrics?.render())?.text ?? '') };
    },
  }).catch(blameSetting(`--host and --port must be free to listen on; ${host}:${port} is not`));
}

import { createPageMetrics } from '../../adapters/telemetry/page-metrics.ts';
import { PAGE_POOL_SIZE, startPage } from '../admin/start-page.ts';
import type { CommandIo } from '../command.ts';
import type { LogSettings } from '../log.ts';
import { createCommandLog } from '../log.ts';
import { serveRetryRequests } from '../serve/retry-loop.ts';
import { startMetrics } from '../serve/serve-metrics.ts';
import { createServeContext } from '../serve/serve-context.ts';
import { serveSettings } from '../serve/serve-settings.ts';
import { readSettings } from '../settings/read-settings.ts';
import { useDatabase } from '../use-database.ts';
import type { DemoWorld } from './demo-world.ts';

export interface DemoPage {
  readonly url: string;
  readonly metricsUrl: string;
  /** Carries out what is asked for on the page, or by `rerun`, until the signal aborts. */
  serveRequests(): Promise<void>;
}

/** Serves the page of the demo while `work` goes on. */
export async function withDemoPage<T>(
  world: DemoWorld,
  logSettings: LogSettings,
  io: CommandIo,
  work: (page: DemoPage) => Promise<T>,
): Promise<T> {
  const settings = { ...readSettings(serveSettings, {}, world.environment), ...logSettings };
  // as somebody who serves requests, so that `rerun` leaves them to the demo
  return await useDatabase(settings, { name: 'serve', poolSize: PAGE_POOL_SIZE }, async (database) => {
    const log = createCommandLog(settings, io);
    const metrics = createPageMetrics(null);
    const context = createServeContext({ name: 'demo', settings, database, log, pageMetrics: metrics }, io);
    const options = { settings, host: settings.pageHost, database, log, metrics, localName: context.requestedBy };
    const page = await startAnywhere(settings.pagePort, (port) => startPage({ ...options, port }));
    try {
      const probes = await startAnywhere(settings.port, (port) => startMetrics(context, port));
      const serveRequests = () => serveRetryRequests(context, io.signal);
      const metricsUrl = `${probes.url}/metrics`;
      return await work({ url: page.url, metricsUrl, serveRequests }).finally(() => probes.close());
    } finally {
      await page.close();
    }
  });
}

/** On the port that is easy to remember, else on any. */
async function startAnywhere<Server>(port: number, start: (port: number) => Promise<Server>): Promise<Server> {
  try {
    return await start(port);
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!isTaken) throw error;
    return await start(0);
  }
}

import { blameSetting } from '../blame-setting.ts';
import { useDatabase } from '../use-database.ts';
import type { ServeContext } from './serve-context.ts';

/** Serves the operator's page while `work` goes on, on connections of its own, so that neither waits for the other. */
export async function withPage<T>(context: ServeContext, work: () => Promise<T>): Promise<T> {
  const { settings, log, requestedBy: localName, pageMetrics: metrics } = context;
  if (metrics === null) return await work();
  // loaded only where it is served: it is more code than the rest of the command
  const { PAGE_POOL_SIZE, startPage } = await import('../admin/start-page.ts');
  const { pageHost: host, pagePort: port } = settings;
  return await useDatabase(settings, { name: 'page', poolSize: PAGE_POOL_SIZE }, async (database) => {
    const page = await startPage({ settings, host, port, database, log, metrics, localName }).catch(
      blameSetting(`--page-host and --page-port must be free to listen on; ${host}:${port} is not (--no-page: none)`),
    );
    log.info('serving the page', { url: page.url });
    try {
      return await work();
    } finally {
      await page.close();
    }
  });
}

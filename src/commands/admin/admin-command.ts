import { once } from 'node:events';
import { z } from 'zod';
import { readDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import { assertProgramFits } from '../../adapters/postgres/migrate.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import { createPageMetrics, type PageMetrics } from '../../adapters/telemetry/page-metrics.ts';
import { systemClock } from '../../domain/clock.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { findActor } from '../actor.ts';
import { awaitDatabase } from '../await-database.ts';
import { blameSetting } from '../blame-setting.ts';
import { defineCommand } from '../command.ts';
import { createCommandLog } from '../log.ts';
import { CAFE24_SETTINGS, DATABASE_SETTINGS, ENCRYPTION_SETTINGS } from '../settings/shared-settings.ts';
import { useAnyDatabase } from '../use-database.ts';
import { readVersion } from '../version.ts';
import { startPageProbes } from './page-probes.ts';
import { METRICS_PLACE_SETTINGS, OWN_PLACE_SETTINGS, PAGE_SETTINGS } from './page-settings.ts';
import { PAGE_POOL_SIZE, startPage } from './start-page.ts';

const SETTINGS = z.object({
  ...DATABASE_SETTINGS,
  ...ENCRYPTION_SETTINGS,
  ...CAFE24_SETTINGS,
  ...PAGE_SETTINGS,
  ...OWN_PLACE_SETTINGS,
  ...METRICS_PLACE_SETTINGS,
});

export const adminCommand = defineCommand({
  name: 'admin',
  summary: 'The operator’s page: see what failed and why, run exactly that again',
  settings: SETTINGS,
  examples: [
    ['admin', 'on http://127.0.0.1:8080, for whoever sits at this computer'],
    ['admin --host 0.0.0.0 --users-file users --public-url https://mallsync.example.com', 'for those who can sign in'],
    ['admin --trusted-proxies 10.0.0.0/8', 'behind oauth2-proxy or the like'],
  ],
  run: (settings, io) =>
    // with no database the page comes up all the same, says so, and recovers with it
    useAnyDatabase(settings, { name: 'admin', poolSize: PAGE_POOL_SIZE }, async (database) => {
      const log = createCommandLog(settings, io);
      const { host, port } = settings;
      const localName = findActor(io.environment);
      const metrics = createPageMetrics({
        version: readVersion(),
        process: 'admin',
        clock: systemClock,
        askDatabase: () => readDatabaseClock(database),
      });
      const page = await startPage({ settings, host, port, database, log, metrics, localName }).catch(
        blameSetting(`--host and --port must be free to listen on; ${host}:${port} is not`),
      );
      try {
        await serveUntilEnd({ settings, database, log, metrics, url: page.url }, io.signal);
      } finally {
        await page.close();
      }
      return EXIT.ok;
    }),
});

interface Served {
  readonly settings: z.output<typeof SETTINGS>;
  readonly database: Database;
  readonly log: Logger;
  readonly metrics: PageMetrics;
  /** Of the page. */
  readonly url: string;
}

async function serveUntilEnd({ settings, database, log, metrics, url }: Served, signal: AbortSignal): Promise<void> {
  const probes = await startPageProbes(settings, database, metrics);
  try {
    log.info('serving the page', { url, metricsUrl: probes.url });
    const stopped = signal.aborted ? Promise.resolve() : once(signal, 'abort');
    await Promise.race([stopped, refuseMisfit(database, log, signal)]);
  } finally {
    await probes.close();
  }
}

/** Rejects when the database turns out to be of another version, however late it answers; else never ends. */
async function refuseMisfit(database: Database, log: Logger, signal: AbortSignal): Promise<void> {
  await awaitDatabase(() => assertProgramFits(database, readVersion()), {
    waitSeconds: Number.POSITIVE_INFINITY,
    clock: systemClock,
    signal,
    onWait: (error) => log.warn('waiting for the database', { error }),
  });
  await new Promise<never>(() => {});
}

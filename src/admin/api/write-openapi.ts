import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { openDatabase } from '../../adapters/postgres/database.ts';
import { createPageMetrics } from '../../adapters/telemetry/page-metrics.ts';
import { systemClock } from '../../domain/clock.ts';
import type { AdminContext } from '../context.ts';
import { buildApi } from './routes.ts';
import { buildApiDocument } from './document.ts';

const FILE = new URL('../../../docs/openapi.json', import.meta.url);

function keepQuiet(): void {}

/** The document needs the routes, the routes a context; nothing is asked of it and no connection is opened. */
async function buildIdleContext(): Promise<AdminContext> {
  const options = { url: 'postgres://localhost/mallsync', schema: 'mallsync', applicationName: 'openapi' };
  return {
    database: await openDatabase({ ...options, leaseSeconds: 30 }),
    clock: systemClock,
    log: { debug: keepQuiet, info: keepQuiet, warn: keepQuiet, error: keepQuiet },
    metrics: createPageMetrics(null),
    encryptionKeys: `none:${randomBytes(32).toString('base64')}`,
    cafe24Url: 'https://{mall_id}.cafe24api.com',
    cafe24ApiVersion: '',
    publicUrl: null,
    redirectUri: null,
    namespace: null,
    freshnessTargetHours: 30,
    nightDeadline: '07:00',
    version: '',
    signal: new AbortController().signal,
  };
}

if (import.meta.main) {
  const context = await buildIdleContext();
  await writeFile(FILE, `${JSON.stringify(buildApiDocument(buildApi(context)), null, 2)}\n`);
  await context.database.close();
}

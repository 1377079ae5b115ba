import type { AdminServer } from '../../admin/server.ts';
import { startAdminServer } from '../../admin/server.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { PageMetrics } from '../../adapters/telemetry/page-metrics.ts';
import { systemClock } from '../../domain/clock.ts';
import { readVersion } from '../version.ts';
import { openPageAccess } from './page-access.ts';
import type { PageSettings } from './page-settings.ts';

/** Connections for what the page shows; its acts are few. */
export const PAGE_POOL_SIZE = 6;

export interface PageOptions {
  readonly settings: PageSettings & {
    readonly encryptionKeys: string;
    readonly cafe24Url: string;
    readonly cafe24ApiVersion: string;
  };
  readonly host: string;
  readonly port: number;
  readonly database: Database;
  readonly log: Logger;
  readonly metrics: PageMetrics;
  /** What the one visitor of a page without sign-in is called. */
  readonly localName: string;
}

/** Serves the operator's page until it is closed. @throws SettingsError; the listening error of node:http */
export async function startPage(options: PageOptions): Promise<AdminServer> {
  const { settings, host, port, database, log, metrics, localName } = options;
  const security = await openPageAccess(settings, { host, localName, log });
  return await startAdminServer({
    host,
    port,
    security,
    redirectUri: settings.redirectUri ?? null,
    context: {
      database,
      clock: systemClock,
      log,
      metrics,
      encryptionKeys: settings.encryptionKeys,
      cafe24Url: settings.cafe24Url,
      cafe24ApiVersion: settings.cafe24ApiVersion,
      publicUrl: settings.publicUrl === undefined ? null : new URL(settings.publicUrl),
      namespace: settings.namespace ?? null,
      freshnessTargetHours: settings.freshnessTargetHours,
      nightDeadline: settings.nightDeadline,
      version: readVersion(),
    },
  });
}

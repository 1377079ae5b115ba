import type { Database } from '../adapters/postgres/database.ts';
import { openDatabase } from '../adapters/postgres/database.ts';
import { assertProgramFits } from '../adapters/postgres/migrate.ts';
import { systemClock } from '../domain/clock.ts';
import { readVersion } from './version.ts';

export interface DatabaseSettings {
  readonly databaseUrl: string;
  readonly databaseSchema: string;
  readonly databaseDirectUrl?: string | undefined;
  readonly leaseSeconds?: number | undefined;
}

export interface DatabaseUse {
  /** Shows in pg_stat_activity. */
  readonly name: string;
  readonly poolSize?: number;
  readonly writerConnections?: number;
}

const DEFAULT_LEASE_SECONDS = 30;
/** A server that has fallen silent does not answer a goodbye either; the process ends without it. */
const GOODBYE_MS = 5_000;

/** Opens the database, refuses one of another version, and closes it whatever becomes of `work`. */
export async function useDatabase<T>(
  settings: DatabaseSettings,
  use: DatabaseUse,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return await useAnyDatabase(settings, use, async (database) => {
    await assertProgramFits(database, readVersion());
    return await work(database);
  });
}

/** The same without a look at the version, for `migrate`. */
export async function useAnyDatabase<T>(
  settings: DatabaseSettings,
  use: DatabaseUse,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({
    url: settings.databaseUrl,
    directUrl: settings.databaseDirectUrl,
    schema: settings.databaseSchema,
    applicationName: `mallsync ${use.name}`,
    leaseSeconds: settings.leaseSeconds ?? DEFAULT_LEASE_SECONDS,
    ...(use.poolSize === undefined ? {} : { poolSize: use.poolSize }),
    ...(use.writerConnections === undefined ? {} : { writerConnections: use.writerConnections }),
  });
  try {
    return await work(database);
  } finally {
    await closeInTime(database);
  }
}

async function closeInTime(database: Database): Promise<void> {
  const closed = new AbortController();
  const late = systemClock.sleep(GOODBYE_MS, closed.signal).catch(() => undefined);
  try {
    await Promise.race([database.close(), late]);
  } finally {
    closed.abort();
  }
}

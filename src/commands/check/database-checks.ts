import { createCipher } from '../../adapters/postgres/cipher.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import { parseKeyRing } from '../../adapters/postgres/key-ring.ts';
import { tryKeys } from '../../adapters/postgres/key-trial.ts';
import { assertProgramFits, loadNewestMigration } from '../../adapters/postgres/migrate.ts';
import { readServerVersion } from '../../adapters/postgres/server-version.ts';
import { SyncError } from '../../domain/errors.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { FAILURES } from '../../domain/failure.ts';
import { readVersion } from '../version.ts';
import type { Check, Finding } from './check.ts';

interface DatabasePlace {
  readonly databaseUrl: string;
  readonly databaseDirectUrl?: string | undefined;
  readonly encryptionKeys: string;
}

const START_IT = 'start PostgreSQL, or correct the address; a network policy may stand between as well';

/** That it answers, that this program can work with what is in it, and that its secrets can be read. */
export function listDatabaseChecks(database: Database, place: DatabasePlace): readonly Check[] {
  return [
    { name: 'database', run: () => judged(() => reachDatabase(database, place)) },
    { name: 'schema', needs: 'database', run: () => judged(() => compareSchema(database)) },
    {
      name: 'keys',
      needs: 'schema',
      run: (signal) => judged(() => openCredentials(database, place.encryptionKeys, signal)),
    },
  ];
}

async function reachDatabase(database: Database, { databaseUrl, databaseDirectUrl }: DatabasePlace): Promise<Finding> {
  const version = await readServerVersion(database);
  const found = `PostgreSQL ${version} answers at ${new URL(databaseUrl).host}`;
  if (databaseDirectUrl === undefined) return { exitCode: EXIT.ok, found };
  const client = await database.connectDirect();
  await client.end();
  return { exitCode: EXIT.ok, found: `${found}, and directly at ${new URL(databaseDirectUrl).host}` };
}

async function compareSchema(database: Database): Promise<Finding> {
  await assertProgramFits(database, readVersion());
  const newest = await loadNewestMigration(database);
  return {
    exitCode: EXIT.ok,
    found: `schema ${database.schema} is at ${newest}, which mallsync ${readVersion()} takes`,
  };
}

async function openCredentials({ pool }: Database, encryptionKeys: string, signal: AbortSignal): Promise<Finding> {
  const ring = parseKeyRing(encryptionKeys);
  const { malls, closed, missing } = await tryKeys(pool, { ring, cipher: createCipher(ring) }, signal);
  const faults = [
    ...closed.slice(0, 1).map((fault) => `the credentials of ${closed.length} of ${malls} malls do not open: ${fault}`),
    ...missing,
  ];
  if (faults.length > 0) return { exitCode: EXIT.config, found: faults.join(', and ') };
  if (malls > 0) return { exitCode: EXIT.ok, found: `the credentials of ${malls} malls open` };
  return { exitCode: EXIT.ok, found: 'no mall is registered yet', advice: 'bring some with `mallsync malls import`' };
}

/** What the database refuses says itself what to do. */
async function judged(look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof SyncError) || error.reason === 'Bug') throw error;
    const { exitCode } = FAILURES[error.reason];
    return { exitCode, found: error.message, ...(error.isTransient ? { advice: START_IT } : {}) };
  }
}

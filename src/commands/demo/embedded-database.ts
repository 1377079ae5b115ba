import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { TerminalError } from '../../domain/errors.ts';
import { findServerUser, placeBinaries, placeDataDir, type ServerUser } from './embedded-placement.ts';
import { findFreePort, removeStaleLock, runToEnd, startServer, type RunningServer } from './embedded-server.ts';

export interface EmbeddedDatabaseOptions {
  readonly dataDir: string;
  /** A free one when absent. */
  readonly port?: number;
  /** Keep the data after `stop`, and go on with what is there. */
  readonly persistent: boolean;
  /** False trades safety in a crash of the machine for speed: for tests. */
  readonly isDurable?: boolean;
  /** Further server settings as `name=value`. */
  readonly settings?: readonly string[];
}

export interface EmbeddedDatabase {
  /** With user, password and the database `mallsync`. */
  readonly url: string;
  /** Where the data really lies: under root, a place that the server's user can reach. */
  readonly dataDir: string;
  stop(): Promise<void>;
}

const NAME = 'mallsync';
const PORT_TRIES = 5;

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'timezone=UTC',
  'log_min_messages=warning',
  'log_min_error_statement=panic',
];
const FAST_SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/**
 * A PostgreSQL of the program's own, on 127.0.0.1 only. It ends with `stop`, or when this process ends in any way.
 * @throws TerminalError ConfigInvalid when it cannot start, with the server's own words.
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const user = await findServerUser();
  const binaries = await placeBinaries(user);
  const home = await placeDataDir(options.dataDir, user);
  const dataDir = join(home, 'data');
  const isDurable = options.isDurable ?? true;
  const password = await initialise(binaries.initdb, home, isDurable, user);
  await removeStaleLock(dataDir);
  const settings = [...SETTINGS, ...(isDurable ? [] : FAST_SETTINGS), ...(options.settings ?? [])];
  const removeUnlessKept = async (): Promise<void> => {
    if (!options.persistent) await rm(home, { recursive: true, force: true });
  };
  const server = await startOnFreePort(options.port, (port) =>
    startServer(binaries.postgres, dataDir, port, settings, user),
  ).catch(async (error: unknown) => {
    await removeUnlessKept();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await removeUnlessKept();
  };
  const url = `postgres://${NAME}:${password}@127.0.0.1:${server.port}`;
  try {
    await createDatabase(`${url}/postgres`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `${url}/${NAME}`, dataDir: home, stop };
}

async function startOnFreePort(
  wanted: number | undefined,
  start: (port: number) => Promise<RunningServer | null>,
): Promise<RunningServer> {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const server = await start(wanted ?? (await findFreePort()));
    if (server !== null) return server;
    if (wanted !== undefined) break;
  }
  throw new TerminalError('ConfigInvalid', `port ${wanted ?? ''} on 127.0.0.1 is taken; choose another one`);
}

/** The password file appears when initdb has ended well, so a half-made directory is made anew. */
async function initialise(initdb: string, home: string, isDurable: boolean, user: ServerUser | null): Promise<string> {
  const [dataDir, passwordFile, draft] = [join(home, 'data'), join(home, 'password'), join(home, 'password.new')];
  const known = await readFile(passwordFile, 'utf8').catch(() => undefined);
  if (known !== undefined) return known.trim();
  const password = randomBytes(18).toString('base64url');
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { mode: 0o700 });
  await writeFile(draft, `${password}\n`, { mode: 0o600 });
  if (user !== null) await Promise.all([chown(dataDir, user.uid, user.gid), chown(draft, user.uid, user.gid)]);
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${NAME}`];
  if (!isDurable) flags.push('--no-sync');
  await runToEnd(initdb, [`--pgdata=${dataDir}`, `--pwfile=${draft}`, ...flags], user);
  await rename(draft, passwordFile);
  return password;
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [NAME]);
    if (found.rowCount === 0) await client.query(`create database ${NAME}`);
  } finally {
    await client.end();
  }
}

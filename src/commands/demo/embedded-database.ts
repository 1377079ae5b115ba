import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';
import { findServerUser, placeBinaries, placeDataDir, type ServerUser } from './embedded-placement.ts';

export interface EmbeddedDatabaseOptions {
  readonly dataDir: string;
  /** A free one when absent. */
  readonly port?: number;
  /** Keep the data after `stop`, and use what is there already. */
  readonly persistent: boolean;
  /** False gives up safety in a crash of the machine for speed: for tests. */
  readonly isDurable?: boolean;
  /** More `name=value` settings of the server. */
  readonly settings?: readonly string[];
}

export interface EmbeddedDatabase {
  /** With user, password and the database `mallsync`. */
  readonly url: string;
  readonly port: number;
  /** Where the data really is: under root a directory that the server's user can reach. */
  readonly dataDir: string;
  stop(): Promise<void>;
}

const USER = 'mallsync';
const DATABASE = 'mallsync';
const START_TRIES = 5;
const READY = 'database system is ready to accept connections';

/**
 * The server stands in a session of its own, so that Ctrl-C reaches the program only, and behind a shell that shuts it
 * down as soon as the pipe from the program closes: nothing is left when the program dies, however it dies.
 */
const WATCHED = `exec 3<&0
"$@" </dev/null & server=$!
(read -r _ <&3; kill -INT $server) 2>/dev/null & watcher=$!
wait $server; code=$?
kill $watcher 2>/dev/null
exit $code`;

/** @throws TerminalError ConfigInvalid when another process serves the same directory or the server does not start. */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const user = await findServerUser();
  const binaries = await placeBinaries(user);
  const dataDir = await placeDataDir(options.dataDir, user);
  const password = await initialise(binaries.initdb, dataDir, user);
  await removeStalePidFile(dataDir);
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await findFreePort());
    const server = await startServer(binaries.postgres, dataDir, port, user, options);
    if (server instanceof Error) {
      if (options.port === undefined && tries < START_TRIES && /could not bind/.test(server.message)) continue;
      throw server;
    }
    return {
      url: `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`,
      port,
      dataDir,
      stop: async () => {
        await stopServer(server);
        if (!options.persistent) await rm(dataDir, { recursive: true, force: true });
      },
    };
  }
}

async function initialise(initdb: string, dataDir: string, user: ServerUser | null): Promise<string> {
  const passwordFile = join(dataDir, '..', `${dataDir.split('/').at(-1)}.password`);
  const known = await readFile(passwordFile, 'utf8').catch(() => undefined);
  const version = await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (known !== undefined && version !== undefined) return known.trim();
  const password = randomBytes(18).toString('base64url');
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user !== null) await Promise.all([chown(dataDir, user.uid, user.gid), chown(passwordFile, user.uid, user.gid)]);
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${USER}`];
  await run(initdb, [`--pgdata=${dataDir}`, `--pwfile=${passwordFile}`, '--no-sync', ...flags], user);
  return password;
}

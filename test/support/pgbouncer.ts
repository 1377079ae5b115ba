import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { atFileEnd } from './file-end.ts';
import { findServerUser } from '../../src/commands/demo/embedded-placement.ts';
import { findFreePort } from '../../src/commands/demo/embedded-server.ts';
import { findPgbouncer } from './pgbouncer-search.ts';

export interface Pooler {
  readonly isMissing: boolean;
  /** The same database, by way of the pooler. */
  readonly url: string;
  /** What its console answers to a SHOW command, column by name. */
  show(what: 'clients' | 'servers' | 'pools'): Promise<readonly Readonly<Record<string, string>>[]>;
  /** The server's process numbers of its connections to the database. */
  listBackends(): Promise<readonly number[]>;
  /** The pooler dies and comes back at the same address. */
  restart(): Promise<void>;
}

export interface PoolerOptions {
  /** Connections to the server, in all. */
  readonly poolSize: number;
}

const PORT_TRIES = 5;

/** Beside a shell that kills it as soon as the pipe from this process closes, however this process ends. */
const WATCHED = `exec 3<&0
"$@" 3<&- </dev/null & pooler=$!
(read -r _ <&3; kill -KILL $pooler) 2>/dev/null & watcher=$!
wait $pooler
kill $watcher 2>/dev/null`;

/**
 * A pgbouncer in transaction mode before the database, stopped with the calling test file. Where the machine has none, it
 * is missing, and what needs it is to be skipped.
 */
export async function openPooler(databaseUrl: string, options: PoolerOptions): Promise<Pooler> {
  const program = await findPgbouncer();
  if (program !== null) return await startPooler(program, databaseUrl, options);
  const refuse = (): Promise<never> => Promise.reject(new Error('there is no pgbouncer'));
  return { isMissing: true, url: databaseUrl, show: refuse, listBackends: refuse, restart: refuse };
}

async function startPooler(program: string, databaseUrl: string, options: PoolerOptions): Promise<Pooler> {
  const target = new URL(databaseUrl);
  const database = target.pathname.slice(1);
  const user = await findServerUser();
  const dir = await mkdtemp(join(tmpdir(), 'mallsync-pgbouncer-'));
  const [configPath, usersPath] = [join(dir, 'pgbouncer.ini'), join(dir, 'users.txt')];
  await writeFile(usersPath, `"${decodeURIComponent(target.username)}" "${decodeURIComponent(target.password)}"\n`);
  let running = await startOnFreePort(async (port) => {
    await writeFile(configPath, buildConfig(target, usersPath, port, options));
    if (user !== null) for (const path of [dir, configPath, usersPath]) await chown(path, user.uid, user.gid);
    return startProcess(program, configPath, port, user);
  });
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${running.port}`;
  const console = new URL(url);
  console.pathname = '/pgbouncer';
  atFileEnd(async () => {
    await stop(running.child);
    await rm(dir, { recursive: true });
  });
  const show: Pooler['show'] = async (what) => {
    const client = new Client({ connectionString: console.href });
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, string>>(`show ${what}`);
      return rows.filter((row) => row['database'] === database);
    } finally {
      await client.end();
    }
  };
  return {
    isMissing: false,
    url: url.href,
    show,
    listBackends: async () => (await show('servers')).map((row) => Number(row['remote_pid'])),
    async restart() {
      await stop(running.child);
      const again = await startProcess(program, configPath, running.port, user);
      if (again === null) throw new Error(`port ${running.port} was taken meanwhile`);
      running = again;
    },
  };
}

/** No start-up parameter is let pass that pgbouncer does not know. */
function buildConfig(target: URL, usersPath: string, port: number, { poolSize }: PoolerOptions): string {
  return `[databases]
* = host=${target.hostname} port=${target.port === '' ? '5432' : target.port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = ${target.password === '' ? 'trust' : 'scram-sha-256'}
auth_file = ${usersPath}
admin_users = ${decodeURIComponent(target.username)}
pool_mode = transaction
default_pool_size = ${poolSize}
max_db_connections = ${poolSize}
max_client_conn = 500
`;
}

interface Running {
  readonly port: number;
  readonly child: ChildProcess;
}

async function startOnFreePort(start: (port: number) => Promise<Running | null>): Promise<Running> {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const running = await start(await findFreePort());
    if (running !== null) return running;
  }
  throw new Error('pgbouncer found no free port');
}

/** Null when another program has taken the port. */
function startProcess(
  program: string,
  configPath: string,
  port: number,
  user: Awaited<ReturnType<typeof findServerUser>>,
): Promise<Running | null> {
  const args = ['-c', WATCHED, 'sh', program, configPath];
  const child = spawn('/bin/sh', args, { cwd: '/', stdio: ['pipe', 'ignore', 'pipe'], ...user });
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('close', () => {
      if (/address already in use/i.test(said)) resolve(null);
      else reject(new Error(`pgbouncer ended: ${said}`));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-8_000);
      if (/process up/.test(said)) resolve({ port, child });
    });
  });
}

/** At once, whatever is under way. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.stdin?.destroy();
  await ended;
}

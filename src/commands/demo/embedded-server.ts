import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';
import type { ServerUser } from './embedded-placement.ts';

const READY = 'database system is ready to accept connections';
const PORT_TAKEN = 'could not bind';
const STOP_TIMEOUT_MS = 20_000;

/**
 * The server stands in a session of its own, so that Ctrl-C reaches the program only, and beside a shell that shuts it
 * down as soon as the pipe from the program closes: nothing is left when the program dies, however it dies.
 */
const WATCHED = `exec 3<&0
"$@" 3<&- </dev/null & server=$!
(read -r _ <&3; kill -INT $server) 2>/dev/null & watcher=$!
wait $server; code=$?
kill $watcher 2>/dev/null
exit $code`;

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

function spawnOptions(user: ServerUser | null) {
  // a closed home as working directory, or the caller's PG… and LC_… variables, must not reach the server
  return { cwd: '/', env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' }, ...user };
}

/** Runs a program to its end. @throws TerminalError ConfigInvalid with what it said when it fails. */
export async function runToEnd(program: string, args: readonly string[], user: ServerUser | null): Promise<void> {
  const child = spawn(program, args, { ...spawnOptions(user), stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new TerminalError('ConfigInvalid', `${program} failed: ${said.trim()}`);
}

/** Starts the server on `port`, or null when another program took that port meanwhile. */
export async function startServer(
  postgres: string,
  dataDir: string,
  port: number,
  settings: readonly string[],
  user: ServerUser | null,
): Promise<RunningServer | null> {
  const flags = settings.flatMap((setting) => ['-c', setting]);
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', postgres, '-D', dataDir, '-p', String(port), ...flags], {
    ...spawnOptions(user),
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const said = await waitUntilReady(child);
  if (said === null) {
    child.unref();
    for (const stream of [child.stdin, child.stderr]) if (stream instanceof Socket) stream.unref();
    return { port, stop: () => stopServer(child) };
  }
  if (said.includes(PORT_TAKEN)) return null;
  throw new TerminalError('ConfigInvalid', `the embedded PostgreSQL did not start: ${said.trim()}`);
}

/** Null when the server is ready, what it said when it ended instead. */
function waitUntilReady(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.on('error', reject);
    child.on('close', () => resolve(said));
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-8_000);
      if (said.includes(READY)) resolve(null);
    });
  });
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = once(child, 'exit');
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGQUIT');
  }, STOP_TIMEOUT_MS);
  child.stdin?.destroy();
  await ended;
  clearTimeout(timer);
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TerminalError('Bug', 'a TCP server has no port');
  return address.port;
}

/**
 * After a kill -9 the server's lock file stays, and where its process number is in use again by another program the
 * server would refuse to start for ever. @throws TerminalError ConfigInvalid when a server does hold the directory.
 */
export async function removeStaleLock(dataDir: string): Promise<void> {
  const lockFile = join(dataDir, 'postmaster.pid');
  const lock = await readFile(lockFile, 'utf8').catch(() => undefined);
  if (lock === undefined) return;
  const pid = Number(lock.split('\n')[0]);
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (commandLine?.includes(dataDir)) {
    throw new TerminalError(
      'ConfigInvalid',
      `${dataDir} is in use by process ${pid}; end it or choose another directory`,
    );
  }
  // without /proc the server judges by itself
  if (commandLine !== undefined) await rm(lockFile);
}

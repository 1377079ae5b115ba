import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { Socket } from 'node:net';

/**
 * The server stands beside a shell that kills it as soon as the pipe from this process closes, however this process
 * ends; then nothing is left of its directory either.
 */
const WATCHED = `dir=$1; shift; exec 3<&0
"$@" 3<&- </dev/null & server=$!
(read -r _ <&3; kill -KILL $server) 2>/dev/null & watcher=$!
wait $server; code=$?
kill $watcher 2>/dev/null
[ $code -eq 137 ] && rm -rf "$dir"
exit $code`;

const LOG_TAIL = 4_000;

export interface ServerProcess {
  /** Of the server itself, not of its shell. */
  findPid(): Promise<number>;
  hasEnded(): boolean;
  /** The end of what it wrote. */
  readTail(): Promise<string>;
  stop(): Promise<void>;
}

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Removed with the server. */
  readonly dir: string;
  readonly logFile: string;
}

/** Starts a server that ends with `stop`, or when this process ends in any way. */
export async function startServerProcess({ program, args, dir, logFile }: ServerCommand): Promise<ServerProcess> {
  const log = await open(logFile, 'w');
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', dir, program, ...args], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
  });
  await once(child, 'spawn').finally(() => log.close());
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return {
    findPid: () => findServer(child),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    readTail: async () => (await readFile(logFile, 'utf8').catch(() => '')).slice(-LOG_TAIL),
    stop: () => stopServer(child),
  };
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = once(child, 'exit');
  child.stdin?.destroy();
  await ended;
}

/** The shell's child whose command line is not the shell's. */
async function findServer(shell: ChildProcess): Promise<number> {
  const own = await readFile(`/proc/${shell.pid}/cmdline`, 'utf8');
  const children = (await readFile(`/proc/${shell.pid}/task/${shell.pid}/children`, 'utf8')).trim().split(' ');
  for (const pid of children) {
    if ((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => own)) !== own) return Number(pid);
  }
  throw new Error('the server is not running');
}

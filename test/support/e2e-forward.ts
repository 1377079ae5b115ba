import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterTools } from './e2e-kubectl.ts';

export interface Forward {
  /** On 127.0.0.1; the same for as long as the forward lives. */
  readonly port: number;
  stop(): void;
}

const REOPEN_MS = 300;

/**
 * `kubectl port-forward`, begun anew whenever it ends: it holds one pod, and ends with the first connection after that pod
 * is gone. So that connection fails, and one a moment later does not.
 */
export async function startForward(tools: ClusterTools, target: string, port: number): Promise<Forward> {
  const stopped = new AbortController();
  const first = open(tools, target, `:${port}`);
  const localPort = await readPort(first);
  void keepOpen(first);
  return { port: localPort, stop: () => stopped.abort() };

  async function keepOpen(current: ChildProcess): Promise<void> {
    for (let child: ChildProcess | undefined = current; ;) {
      if (child !== undefined) await endOf(child, stopped.signal);
      await sleep(REOPEN_MS, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      child = tryToOpen();
    }
  }

  /** Undefined while kubectl cannot be run: the lab writes it anew (ETXTBSY) when it brings a component up. */
  function tryToOpen(): ChildProcess | undefined {
    try {
      return open(tools, target, `${localPort}:${port}`);
    } catch {
      return undefined;
    }
  }
}

async function endOf(child: ChildProcess, stop: AbortSignal): Promise<void> {
  const kill = (): boolean => child.kill();
  stop.addEventListener('abort', kill, { once: true });
  if (stop.aborted) kill();
  if (child.exitCode === null && child.signalCode === null)
    await new Promise((resolve) => child.once('close', resolve));
  stop.removeEventListener('abort', kill);
}

function open(tools: ClusterTools, target: string, ports: string): ChildProcess {
  const args = ['--namespace', tools.namespace, 'port-forward', target, ports];
  const child = spawn('kubectl', args, { env: tools.env, stdio: ['ignore', 'pipe', 'pipe'] });
  // it says something for each connection, and would stop at a full pipe
  for (const stream of [child.stdout, child.stderr]) stream.resume();
  child.on('error', () => {});
  return child;
}

function readPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const take = (text: Buffer): void => {
      output += text.toString();
      const found = /127\.0\.0\.1:(?<port>\d+) ->/.exec(output)?.groups?.['port'];
      if (found !== undefined) resolve(Number(found));
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`kubectl port-forward ended with ${code}: ${output}`)));
  });
}

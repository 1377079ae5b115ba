import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { startFirstQueryServer } from './first-query-server.ts';
import type { Way } from './ways.ts';

export interface StartOptions {
  readonly image: string;
  /** As `docker run --cpus` takes it. */
  readonly cpus: string | undefined;
  /** A folder that is mounted on /bundle. */
  readonly bundle: string | undefined;
}

const SYNC = 'sync --mall-id 1 --domain-type MEMBER --start-date 2025-12-01T00:00:00 --end-date 2025-12-02T00:00:00';

/** Seconds between the moment before the container executes Node and the program's first query; read-only root. */
export async function measureStart(way: Way, options: StartOptions): Promise<number> {
  const server = await startFirstQueryServer();
  const name = `mallsync-start-${randomUUID().slice(0, 8)}`;
  const container = spawn('docker', toArgs(way, options, name, server.port), { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    container[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  }
  const closed = new Promise<void>((resolve) => container.once('close', () => resolve()));
  const endedEarly = closed.then(() => {
    throw new Error(`${way.name}: ended before its first query: ${output.stderr}`);
  });
  try {
    const queriedAtMs = await Promise.race([server.firstQueryAtMs, endedEarly]);
    return (queriedAtMs - Number(output.stdout) / 1e6) / 1_000;
  } finally {
    await removeContainer(name);
    await closed;
    await server.close();
  }
}

function toArgs(way: Way, { image, cpus, bundle }: StartOptions, name: string, port: number): readonly string[] {
  const environment = {
    MALLSYNC_DATABASE_URL: `postgres://bench:bench@127.0.0.1:${port}/bench`,
    MALLSYNC_ENCRYPTION_KEYS: `bench:${randomBytes(32).toString('base64')}`,
  };
  const limits = cpus === undefined ? [] : ['--cpus', cpus];
  const mounts = bundle === undefined ? [] : ['--volume', `${bundle}:/bundle:ro`];
  const variables = Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const safety = ['--network', 'host', '--read-only', '--cap-drop', 'ALL'];
  const script = `date +%s%N; exec ${way.start} ${SYNC}`;
  return [
    'run',
    '--name',
    name,
    ...safety,
    ...limits,
    ...mounts,
    ...variables,
    '--entrypoint',
    'sh',
    image,
    '-c',
    script,
  ];
}

function removeContainer(name: string): Promise<unknown> {
  const removal = spawn('docker', ['rm', '--force', name], { stdio: 'ignore' });
  return new Promise((resolve) => removal.once('close', resolve));
}

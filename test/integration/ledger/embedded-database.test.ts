import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { startEmbeddedDatabase } from '../../../src/commands/demo/embedded-database.ts';

const directory = await mkdtemp(join(tmpdir(), 'mallsync-embedded-test-'));
afterAll(() => rm(directory, { recursive: true, force: true }));

const MODULE = pathToFileURL(join(process.cwd(), 'src/commands/demo/embedded-database.ts')).href;

async function ask(url: string, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  await client.connect();
  return client
    .query<Record<string, unknown>>(text)
    .then((result) => result.rows)
    .finally(() => client.end());
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function readServerPid(dataDir: string): Promise<number> {
  return Number((await readFile(join(dataDir, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

test('keeps its data over a stop, lets only one process in, and survives a kill of the server', async () => {
  const options = { dataDir: join(directory, 'kept'), persistent: true, isDurable: false };
  const first = await startEmbeddedDatabase(options);
  await ask(first.url, 'create table kept as select 42 as answer');
  await expect(startEmbeddedDatabase(options)).rejects.toMatchObject({ reason: 'ConfigInvalid' });
  await first.stop();
  await expect(ask(first.url, 'select 1')).rejects.toThrow(/ECONNREFUSED/);

  const second = await startEmbeddedDatabase(options);
  const pid = await readServerPid(second.dataDir);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => isAlive(pid)).toBe(false);
  await second.stop();
  const third = await startEmbeddedDatabase(options);
  expect(await ask(third.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  expect(await ask(third.url, `select setting from pg_settings where name = 'listen_addresses'`)).toEqual([
    { setting: '127.0.0.1' },
  ]);
  await third.stop();
  await rm(third.dataDir, { recursive: true, force: true });
});

test('a port that is taken is named', async () => {
  const taken = new URL(await startAndForget()).port;
  const second = startEmbeddedDatabase({ dataDir: join(directory, 'second'), persistent: false, port: Number(taken) });
  await expect(second).rejects.toThrow(new RegExp(`port ${taken} .* is taken`));
});

const running: { stop(): Promise<void> }[] = [];
afterAll(() => Promise.all(running.map((server) => server.stop())));

async function startAndForget(): Promise<string> {
  const server = await startEmbeddedDatabase({
    dataDir: join(directory, 'first'),
    persistent: false,
    isDurable: false,
  });
  running.push(server);
  return server.url;
}

test.each(['SIGKILL', 'SIGINT'] as const)('nothing is left when the program dies of %s', async (signal) => {
  const script = `const { startEmbeddedDatabase } = await import(${JSON.stringify(MODULE)});
    const server = await startEmbeddedDatabase({ dataDir: ${JSON.stringify(join(directory, signal))}, persistent: false });
    console.log(server.dataDir);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = (await once(child.stdout, 'data')) as readonly Buffer[];
  const dataDir = String(printed).trim();
  const pid = await readServerPid(dataDir);
  expect(isAlive(pid)).toBe(true);
  child.kill(signal);
  await once(child, 'exit');
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  await rm(dataDir, { recursive: true, force: true });
});

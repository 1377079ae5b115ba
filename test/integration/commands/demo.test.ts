import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readSeries } from '../../support/metrics-text.ts';
import { waitOutSeoulMidnight } from '../../support/seoul-midnight.ts';
import type { Started } from '../../support/program.ts';
import { runProgram, startProgram } from '../../support/program.ts';

const execute = promisify(execFile);
let folder: string;
/** Where the demo's data lies; under root that is not in its folder. */
let dataDir = '';

beforeAll(async () => {
  await waitOutSeoulMidnight(180_000);
  folder = await mkdtemp(join(tmpdir(), 'mallsync-demo-'));
}, 200_000);
afterAll(async () => {
  for (const path of [folder, dirname(dataDir), `${dirname(dataDir)}.keys`]) {
    if (path.startsWith(tmpdir())) await rm(path, { recursive: true, force: true });
  }
});

const started: Started[] = [];
afterEach(async () => {
  for (const { process, finished } of started.splice(0)) {
    process.kill('SIGKILL');
    await finished;
  }
});

async function findProcesses(): Promise<readonly string[]> {
  const { stdout } = await execute('ps', ['-eo', 'args']);
  return stdout.split('\n').filter((line) => line.includes(dataDir) || line.includes(folder));
}

async function readEnvironment(): Promise<Record<string, string>> {
  const text = await readFile(join(folder, 'demo', 'demo.env'), 'utf8');
  return Object.fromEntries([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
}

async function findDataDir(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ data_directory: string }>('show data_directory');
  await client.end();
  return rows[0]?.data_directory ?? '';
}

describe('demo', () => {
  it('shows a night with its troubles, and the second time reads only what failed', { timeout: 120_000 }, async () => {
    const args = ['demo', '--once', '--folder', join(folder, 'demo')];
    const first = await runProgram(args);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/8 sample-poison +MEMBER +COMPLETED_WITH_REJECTS/);
    expect(first.stdout).toMatch(/3 sample-camping +ORDER +FAILED IncompleteRead/);
    expect(first.stdout).toMatch(/4 sample-denim +MEMBER +FAILED PermissionDenied/);
    expect(first.stdout).toMatch(/9 sample-lost +ORDER +FAILED AuthFailed/);
    expect(first.stdout).toMatch(/11 sample-busy +ORDER +COMPLETED /);
    expect(first.stdout).toMatch(/12 sample-unapproved SALES:\n +the statistics API is not approved/);
    expect(first.stdout).not.toMatch(/sample-asleep/);
    expect(first.stdout).toMatch(/29 completed, 2 completed with rejects, 0 already complete, 5 failed/);
    const second = await runProgram(args);
    expect(second.exitCode, second.stderr).toBe(0);
    expect(second.stdout).toMatch(/0 completed, 0 completed with rejects, 31 already complete, 5 failed/);
  });

  it(
    'stays up with commands that work as printed, and leaves nothing behind on Ctrl-C',
    { timeout: 90_000 },
    async () => {
      const demo = startProgram(['demo', '--folder', join(folder, 'demo')]);
      started.push(demo);
      await demo.waitForOutput(/until Ctrl-C[^]*rerun --failed/);
      const environment = await readEnvironment();
      dataDir = await findDataDir(environment['MALLSYNC_DATABASE_URL'] ?? '');
      const [, page = ''] = await demo.waitForOutput(/\n  (http:\/\/127\.0\.0\.1:\d+)\n[^]*rerun --failed/);
      expect(environment['MALLSYNC_REDIRECT_URI']).toBe(`${page}/consent/callback`);
      expect(await (await fetch(`${page}/runs`)).text()).toContain('AuthFailed');
      const [, metrics = ''] = await demo.waitForOutput(/curl -s (http:\/\/127\.0\.0\.1:\d+\/metrics) /);
      const series = await readSeries(metrics.replace('/metrics', ''));
      expect(series.get('mallsync_night_failed_malls{reason="AuthFailed"}')).toBe(1);
      expect(series.get('mallsync_night_malls{state="failed"}')).toBeGreaterThan(2);
      expect(series.get('mallsync_page_requests_total{route="/runs",method="GET",code="200"}')).toBe(1);
      expect(await findProcesses()).not.toEqual([]);
      const status = await runProgram(['status', '--json', '--limit', '1000'], environment);
      expect(status.exitCode).toBe(0);
      const consent = await runProgram(['malls', 'authorize', '9', '--print-url'], environment);
      const answer = await fetch(consent.stdout.trim(), { redirect: 'manual' });
      const code = ['--code', answer.headers.get('location') ?? ''];
      expect(await runProgram(['malls', 'authorize', '9', ...code], environment)).toMatchObject({ exitCode: 0 });
      const rerun = await runProgram(['rerun', '--failed', '--wait', '--json'], environment);
      expect(rerun.exitCode, rerun.stderr).toBe(0);
      demo.process.kill('SIGINT');
      expect((await demo.finished).exitCode).toBe(0);
      expect(await findProcesses()).toEqual([]);
      for (const url of [`${page}/livez`, metrics]) await expect(fetch(url)).rejects.toThrow('fetch failed');
      const port = Number(new URL(environment['MALLSYNC_DATABASE_URL'] ?? '').port);
      await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed');
      await expect(fetch((environment['MALLSYNC_CAFE24_URL'] ?? '').replace('/{mall_id}', ''))).rejects.toThrow(
        'fetch failed',
      );
    },
  );
});

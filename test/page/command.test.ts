import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseUsers } from '../../src/admin/security/users-file.ts';
import { verifyPassword } from '../../src/admin/security/scrypt.ts';
import { createTestDatabase } from '../support/database.ts';
import { readSeries } from '../support/metrics-text.ts';
import { ENCRYPTION_KEYS } from '../support/page-world.ts';
import { until } from '../support/process-signals.ts';
import { runProgram, startProgram, type Started } from '../support/program.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const folder = await mkdtemp(join(tmpdir(), 'mallsync-admin-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const usersFile = join(folder, 'users');
await writeFile(usersFile, 'ann:viewer:-\n');
await writeFile(join(folder, 'broken'), 'ann:king:-\n');

const test = await createTestDatabase();
const ENVIRONMENT = {
  MALLSYNC_DATABASE_URL: test.url,
  MALLSYNC_ENCRYPTION_KEYS: ENCRYPTION_KEYS,
  MALLSYNC_ADMIN_METRICS_PORT: '0',
};

function start(args: readonly string[], environment: Record<string, string> = {}): Started {
  const admin = startProgram(['admin', '--port', '0', ...args], { ...ENVIRONMENT, ...environment });
  onTestFinished(async () => {
    admin.process.kill('SIGKILL');
    await admin.finished;
  });
  return admin;
}

async function findUrl(admin: Started): Promise<string> {
  const [, url = ''] = await admin.waitForError(/"url":"(http:[^"]+)"/);
  return url;
}

describe('admin does not listen', () => {
  it.each([
    [['--host', '0.0.0.0'], 78, /open to everybody who reaches 0\.0\.0\.0[^]*admin-user/],
    [['--host', '::'], 78, /open to everybody/],
    [['--host', '192.0.2.1'], 78, /open to everybody/],
    [['--host', '0.0.0.0', '--users-file', usersFile], 78, /MALLSYNC_PUBLIC_URL is missing/],
    [
      ['--host', '0.0.0.0', '--users-file', usersFile, '--public-url', 'http://sync.example.com'],
      64,
      /--public-url must be an https address/,
    ],
    [['--public-url', 'https://sync.example.com/path'], 64, /--public-url must be/],
    [['--users-file', join(folder, 'none')], 78, /cannot be read/],
    [['--users-file', join(folder, 'broken')], 78, /line 1 has a role other than/],
    [['--trusted-proxies', 'proxy.example.com'], 64, /--trusted-proxies must be a comma list/],
  ])('with %j: %i', async (args, exitCode, says) => {
    const ended = await start(args).finished;
    expect(ended.stderr).toMatch(says);
    expect(ended.exitCode).toBe(exitCode);
  });

  it('on a port that is taken, and says so', async () => {
    const port = new URL(await findUrl(start([]))).port;
    const ended = await runProgram(['admin', '--port', port], ENVIRONMENT);
    expect(ended).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('must be free to listen on') });
  });
});

describe('the metrics of admin', () => {
  it('are told beside the page, and not by it', async () => {
    const admin = start([]);
    const url = await findUrl(admin);
    const [, metricsUrl = ''] = await admin.waitForError(/"metricsUrl":"(http:[^"]+)"/);
    expect(new URL(metricsUrl).hostname).toBe('127.0.0.1');
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    expect((await fetch(`${url}/runs`)).status).toBe(200);
    const series = await readSeries(metricsUrl);
    expect(series.get('mallsync_page_requests_total{route="/runs",method="GET",code="200"}')).toBe(1);
    expect(series.get('mallsync_database_up')).toBe(1);
    expect([...series.keys()]).toContainEqual(expect.stringMatching(/^mallsync_build_info\{.*process="admin"/));
    expect([...series.keys()]).toContainEqual(expect.stringMatching(/^process_resident_memory_bytes/));
    // the fleet's series are the leader's, or those of `serve`: told twice, sums over all would be wrong
    expect([...series.keys()].filter((name) => /^mallsync_(?!page_|build_info|database_up)/.test(name))).toEqual([]);
    expect((await fetch(`${metricsUrl}/readyz`)).status).toBe(200);
    expect((await fetch(`${metricsUrl}/runs`)).status).toBe(404);
    admin.process.kill('SIGTERM');
    expect((await admin.finished).exitCode).toBe(0);
    await expect(fetch(`${metricsUrl}/metrics`)).rejects.toThrow('fetch failed');
  });

  it('are told while the database is away', async () => {
    const target = new URL(test.url);
    const proxy = await startTcpProxy(target.hostname, Number(target.port));
    onTestFinished(() => proxy.close());
    await proxy.cut();
    target.hostname = proxy.host;
    target.port = String(proxy.port);
    const admin = start([], { MALLSYNC_DATABASE_URL: target.href });
    const [, metricsUrl = ''] = await admin.waitForError(/"metricsUrl":"(http:[^"]+)"/);
    expect((await readSeries(metricsUrl)).get('mallsync_database_up')).toBe(0);
    await proxy.mend();
    await until('the database to answer', async () => (await readSeries(metricsUrl)).get('mallsync_database_up') === 1);
  });

  it('have an address of their own: where it is taken, the setting is named', async () => {
    const first = start([]);
    const [, metricsUrl = ''] = await first.waitForError(/"metricsUrl":"(http:[^"]+)"/);
    const ended = await start([], { MALLSYNC_ADMIN_METRICS_PORT: new URL(metricsUrl).port }).finished;
    expect(ended).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('--metrics-host and --metrics-port') });
  });
});

describe('admin', () => {
  it('listens on this computer alone, for whoever sits at it, and ends in order with its streams', async () => {
    const admin = start([], { USER: 'kim' });
    const url = await findUrl(admin);
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect(await (await fetch(`${url}/no-such-page`)).text()).toMatch(/who-name">kim@/);
    const stream = await fetch(`${url}/now/events`);
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    admin.process.kill('SIGTERM');
    await stream.text();
    expect((await admin.finished).exitCode).toBe(0);
  });

  it('listens to others when it knows them', async () => {
    const admin = start(['--host', '0.0.0.0', '--users-file', usersFile, '--public-url', 'https://sync.example.com']);
    const url = (await findUrl(admin)).replace('0.0.0.0', '127.0.0.1');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/runs`, { redirect: 'manual' })).headers.get('location')).toBe('/sign-in?next=%2Fruns');
  });

  it('comes up before its database does', async () => {
    const target = new URL(test.url);
    const proxy = await startTcpProxy(target.hostname, Number(target.port));
    onTestFinished(() => proxy.close());
    await proxy.cut();
    target.hostname = proxy.host;
    target.port = String(proxy.port);
    const admin = start([], { MALLSYNC_DATABASE_URL: target.href });
    const url = await findUrl(admin);
    expect((await fetch(`${url}/runs`)).status).toBe(503);
    await proxy.mend();
    expect((await fetch(`${url}/runs`)).status).toBe(200);
  });

  it('ends when the database is of another version', async () => {
    const empty = await createTestDatabase({ isEmpty: true });
    const ended = await start([], { MALLSYNC_DATABASE_URL: empty.url }).finished;
    expect(ended).toMatchObject({ exitCode: 78, stderr: expect.stringContaining('mallsync migrate') });
  });
});

describe('admin-user', () => {
  it('makes a line of the users file from a password on standard input', async () => {
    const { exitCode, stdout } = await runProgram(
      ['admin-user', 'ann', '--role', 'operator'],
      {},
      'a password of ann\n',
    );
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('password of');
    const user = parseUsers(stdout).get('ann');
    expect(user?.role).toBe('operator');
    expect(await verifyPassword('a password of ann', user?.passwordHash ?? '')).toBe(true);
  });

  it('needs no password for whom a proxy signs in', async () => {
    const { stdout } = await runProgram(['admin-user', 'ann@example.com', '--without-password']);
    expect(stdout).toBe('ann@example.com:viewer:-\n');
  });

  it.each([
    [['admin-user', 'ann'], 'short', /12 to 1000 characters/],
    [['admin-user', 'a:b'], 'long enough for all', /<name> must be letters/],
    [['admin-user', 'ann', '--role', 'king'], 'long enough for all', /--role must be one of/],
  ])('refuses %j with %j', async (args, input, says) => {
    const ended = await runProgram(args, {}, input);
    expect(ended).toMatchObject({ exitCode: 64, stdout: '', stderr: expect.stringMatching(says) });
  });
});

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { toImportFile } from '../../../src/simulator/demo-fleet.ts';
import { startSimulator, type Simulator } from '../../../src/simulator/start.ts';
import { linkOf } from '../../page/page-text.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { atFileEnd } from '../../support/file-end.ts';
import { createGuardedRole } from '../../support/guarded-database.ts';
import { findLeaks, guardPersonal, guardSecrets, type Guarded } from '../../support/log-leaks.ts';
import { createClient, hashOfPassword, PASSWORD, type PageClient } from '../../support/page-world.ts';
import { startProgram, type Finished, type Started } from '../../support/program.ts';
import { recordCafe24, type RecordedCafe24 } from '../../support/recorded-cafe24.ts';
import { waitOutSeoulMidnight } from '../../support/seoul-midnight.ts';
import { createSaid, listLogLines, listStrangers } from './said.ts';
import { mallIdOf, TROUBLED_MALLS } from './troubled-malls.ts';

const NEEDED_MS = 300_000;
/** Typed into the field of the name by mistake, as people do. */
const MISPLACED_PASSWORD = 'Misplaced-Pa55word';
const WRONG_PASSWORD = 'not the right pa55word';
const WRONG_CODE = 'wrong-code-of-consent';
const TYPED_SECRET = 'client-secret-that-was-typed';
const REDIRECT_URI = 'http://127.0.0.1:9/consent/callback';

const said = createSaid();
const keys = [0, 1].map(() => randomBytes(32).toString('base64'));
const bystanders: { readonly what: string; readonly value: string }[] = [];
const running: Started[] = [];

let database: TestDatabase;
let databasePassword: string;
let simulator: Simulator;
let cafe24: RecordedCafe24;
let environment: Record<string, string>;

function start(args: readonly string[], more: Record<string, string> = {}, input = ''): Started {
  const started = startProgram(args, { ...environment, ...more }, input);
  running.push(started);
  return started;
}

async function run(args: readonly string[], more: Record<string, string> = {}, input = ''): Promise<Finished> {
  return await said.keep(args.slice(0, 2).join(' '), start(args, more, input));
}

async function findNumber(sql: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(sql);
  if (row === undefined) throw new Error(`nothing found by ${sql}`);
  return row.n;
}

/** The night in `serve`, its connections cut and its tokens spent on the way. */
async function runNight(): Promise<Started> {
  const serve = start(['serve', '--port', '0', '--no-page', '--catch-up-days', '1']);
  await serve.waitForError(/page committed/);
  for (const mall of ['bakerymall', 'booksmall', 'teamall']) simulator.control.expireAccessTokens(mall);
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like 'mallsync serve%'`,
  );
  await serve.waitForError(/night ended/);
  return serve;
}

async function useCommands(): Promise<void> {
  const lost = mallIdOf('lostmall');
  const authorize = ['malls', 'authorize', String(lost), '--redirect-uri', REDIRECT_URI];
  expect((await run([...authorize, '--code', WRONG_CODE])).exitCode).not.toBe(0);
  const asked = await start([...authorize, '--print-url']).finished;
  const agreed = await fetch(asked.stdout.trim(), { redirect: 'manual' });
  const code = new URL(agreed.headers.get('location') ?? '').searchParams.get('code') ?? '';
  expect((await run([...authorize, '--code', code])).exitCode).toBe(0);
  const day = ['--start', '2025-11-01T00:00:00', '--end', '2025-11-01T23:59:59'];
  await run(['run', '--malls', [1, lost, mallIdOf('flawedmall'), mallIdOf('shapemall')].join(), ...day]);
  for (const args of [['list'], ['list', '--json'], ['groups']]) {
    expect((await run(['errors', ...args])).exitCode).toBe(0);
  }
  const [group] = await database.query<{ fingerprint: string }>(
    `select fingerprint from mallsync.tb_batch_error_log where domain_type = 'MEMBER' and stage = 'MAP' or stage = 'VALIDATE' limit 1`,
  );
  await run(['errors', 'replay', '--fingerprint', group?.fingerprint ?? '']);
  await run(['rerun', '--failed', '--mall', String(lost), '--wait']);
  expect((await run(['status', '--failed'])).exitCode).toBe(0);
  expect((await run(['malls', 'show', String(lost)])).exitCode).toBe(0);
  await run(['check']);
}

async function agreeOnPage(admin: PageClient, mallId: number): Promise<void> {
  const { text } = await admin.post(`/malls/${mallId}/authorize`);
  const target = new URL(linkOf(text, 'Go to Cafe24'));
  bystanders.push({ what: 'state of a consent', value: target.searchParams.get('state') ?? '' });
  const agreed = await fetch(target, { redirect: 'manual' });
  const back = new URL(agreed.headers.get('location') ?? '');
  expect((await admin.get(`${back.pathname}${back.search}`)).location).toContain('notice=authorized');
}

/** What an operator does on the page, also by mistake, and while the database is in trouble. */
async function useThePage(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mallsync-logs-'));
  atFileEnd(() => rm(folder, { recursive: true }));
  const usersFile = join(folder, 'users');
  await writeFile(usersFile, `ada:admin:${await hashOfPassword()}\n`);
  const page = start(['admin', '--port', '0', '--metrics-port', '0', '--users-file', usersFile]);
  const [, url = ''] = await page.waitForError(/"url":"(http:[^"]+)"/);
  const ada = createClient(url);
  expect((await ada.post('/sign-in', { name: MISPLACED_PASSWORD, password: 'x', csrf: '' })).status).toBe(401);
  expect((await ada.post('/sign-in', { name: 'ada', password: WRONG_PASSWORD, csrf: '' })).status).toBe(401);
  expect((await ada.post('/sign-in', { name: 'ada', password: PASSWORD, csrf: '' })).status).toBe(303);
  const basic = Buffer.from(`ada:${PASSWORD}`).toString('base64');
  bystanders.push({ what: 'session', value: [...ada.cookies.values()].join() });
  bystanders.push({ what: 'token of a form', value: await ada.readToken() }, { what: 'basic header', value: basic });
  expect((await ada.send('/api/v1/malls', { headers: { authorization: `Basic ${basic}` } })).status).toBe(200);

  const [member] = await database.query<{ name: string; email: string; member_id: string }>(
    `select name, email, member_id from mallsync.tb_member where name <> '' and email <> '' limit 1`,
  );
  for (const text of Object.values(member ?? {})) {
    for (const path of ['/malls', '/runs', '/audit']) await ada.get(`${path}?q=${encodeURIComponent(text)}`);
  }
  const spoilt = await findNumber(
    `select execution_id::integer as n from mallsync.tb_batch_error_log where stage in ('VALIDATE', 'MAP') limit 1`,
  );
  const errorId = await findNumber(
    `select error_id::integer as n from mallsync.tb_batch_error_log where execution_id = ${spoilt} and stage in ('VALIDATE', 'MAP') limit 1`,
  );
  const failed = await findNumber(
    `select execution_id::integer as n from mallsync.tb_batch_execution_summary where status = 'FAILED' limit 1`,
  );
  for (const path of [
    `/runs/${failed}`,
    `/runs/${spoilt}/errors`,
    `/api/v1/runs/${spoilt}/errors`,
    '/now',
    '/requests',
  ]) {
    expect((await ada.get(path)).status).toBe(200);
  }
  expect((await ada.post(`/runs/${spoilt}/errors/${errorId}/reveal`)).text).toContain(member === undefined ? '' : '<');
  const body = `{"mallId": 77, "clientSecret": "${TYPED_SECRET}", "name": `;
  const headers = { 'content-type': 'application/json', authorization: `Basic ${basic}`, 'idempotency-key': 'typed-1' };
  expect((await ada.send('/api/v1/malls', { method: 'POST', headers, body })).status).toBe(400);
  await ada.send('/api/v1/malls', { method: 'POST', headers, body: `${body}"x"}` });
  await agreeOnPage(ada, mallIdOf('leftmall'));
  await database.query('alter table mallsync.tb_audit_log rename to tb_away');
  expect((await ada.get(`/audit?q=${encodeURIComponent(member?.email ?? '')}`)).status).toBeGreaterThanOrEqual(500);
  await ada.post('/sign-in', { name: 'ada', password: PASSWORD, csrf: '' });
  await database.query('alter table mallsync.tb_away rename to tb_audit_log');
  expect((await ada.post('/sign-out')).status).toBe(303);
  await end('admin', page);
}

async function end(name: string, started: Started): Promise<void> {
  started.process.kill('SIGTERM');
  expect((await said.keep(name, started)).exitCode).toBe(0);
}

function listGuarded(): readonly Guarded[] {
  const known = cafe24.secrets;
  return [
    ...guardSecrets(
      'client secret',
      TROUBLED_MALLS.map(({ clientSecret }) => clientSecret),
    ),
    ...guardSecrets(
      'first refresh token',
      toImportFile(TROUBLED_MALLS).map(({ refreshToken }) => refreshToken ?? ''),
    ),
    ...guardSecrets('token or code', known),
    ...guardSecrets('encryption key', keys),
    ...guardSecrets('password of the database', [databasePassword]),
    ...guardSecrets('password', [PASSWORD, WRONG_PASSWORD, MISPLACED_PASSWORD, TYPED_SECRET, WRONG_CODE]),
    ...bystanders.flatMap(({ what, value }) => guardSecrets(what, [value])),
    ...guardPersonal(cafe24.objects),
  ];
}

beforeAll(async () => {
  await waitOutSeoulMidnight(NEEDED_MS);
  const role = await createGuardedRole();
  database = await createTestDatabase();
  databasePassword = role.password;
  simulator = await startSimulator({ malls: TROUBLED_MALLS });
  atFileEnd(async () => {
    for (const { process } of running) process.kill('SIGKILL');
    await Promise.all(running.map(({ finished }) => finished));
    await simulator.stop();
  });
  cafe24 = await recordCafe24(simulator.url);
  environment = {
    MALLSYNC_DATABASE_URL: role.toUrl(database.url),
    MALLSYNC_ENCRYPTION_KEYS: `k1:${keys[0]}`,
    MALLSYNC_CAFE24_URL: cafe24.cafe24Url,
    MALLSYNC_LEASE_SECONDS: '4',
    MALLSYNC_LOG_LEVEL: 'trace',
  };
  // the server's own words about a row that it refuses name its values
  await database.query(
    `alter table mallsync.tb_member add constraint no_sevens check (mall_id <> 1 or email not like '%7@%')`,
  );
  await run(['malls', 'import', '-'], {}, JSON.stringify(toImportFile(TROUBLED_MALLS)));
  const serve = await runNight();
  await useThePage();
  await useCommands();
  await end('serve', serve);
  await run(['keys', 'rotate'], { MALLSYNC_ENCRYPTION_KEYS: `k2:${keys[1]},k1:${keys[0]}` });
}, NEEDED_MS);

describe('the logs of a whole night, with all that is told at the finest level', () => {
  test('were written by every process, of what went well and of what failed', async () => {
    const linesOf = (name: string) => listLogLines(said.texts.get(name) ?? '');
    expect(linesOf('serve').length).toBeGreaterThan(100);
    expect(linesOf('admin').length).toBeGreaterThan(15);
    expect(linesOf('run --malls').length).toBeGreaterThan(10);
    expect(linesOf('errors replay').length).toBeGreaterThan(1);
    const messages = new Set(linesOf('serve').map(({ msg }) => msg));
    for (const message of [
      'execution started',
      'page committed',
      'call is tried again',
      'execution ended',
      'tokens refreshed',
    ]) {
      expect(messages).toContain(message);
    }
    expect(linesOf('admin').map(({ msg }) => msg)).toContain('request failed');
    for (const [name, text] of said.texts) {
      expect(text.trim(), name).not.toBe('');
      expect(text, name).not.toContain('[object');
    }
    const reasons = await database.query<{ reason: string }>(
      'select distinct failure_reason as reason from mallsync.tb_batch_execution_summary where failure_reason is not null',
    );
    expect(reasons.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['AuthFailed', 'PermissionDenied', 'IncompleteRead', 'UpstreamContract']),
    );
    const stages = await database.query<{ stage: string }>('select distinct stage from mallsync.tb_batch_error_log');
    expect(stages.map(({ stage }) => stage)).toEqual(expect.arrayContaining(['VALIDATE', 'WRITE']));
  });

  test('use one vocabulary', () => {
    expect(listStrangers([...said.texts.values()].flatMap(listLogLines))).toEqual([]);
  });

  test('hold no secret and nothing personal of all that passed', () => {
    const guarded = listGuarded();
    const personal = guarded.filter(({ isSecret }) => !isSecret);
    expect(new Set(personal.map(({ what }) => what)).size).toBeGreaterThan(10);
    expect(personal.length).toBeGreaterThan(1_000);
    // first tokens, pairs that followed them, codes and client credentials
    expect(cafe24.secrets.size).toBeGreaterThan(4 * TROUBLED_MALLS.length);
    const leaks = findLeaks(said.texts, guarded);
    // whoever asks for the rejected rows is told by which key each is read again, and nothing else of a person
    expect(leaks.filter(({ said: name, what }) => !(name.startsWith('errors list') && what === 'member_id'))).toEqual(
      [],
    );
    expect(leaks.length).toBeGreaterThan(0);
  });

  test('would be found to hold each of them', () => {
    const guarded = listGuarded();
    const oneOfEach = [...new Map(guarded.map((each) => [each.what, each])).values()];
    const serve = said.texts.get('serve') ?? '';
    for (const planted of oneOfEach) {
      const line = JSON.stringify({
        level: 'error',
        msg: 'execution ended',
        error: { message: `row ${planted.value} refused` },
      });
      const leaks = findLeaks(new Map([['serve', `${serve}\n${line}\n`]]), [planted]);
      expect(leaks, planted.what).toMatchObject([{ said: 'serve', what: planted.what }]);
    }
  });
});

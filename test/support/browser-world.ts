import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { atFileEnd } from './file-end.ts';
import { createRetryRequests } from '../../src/adapters/postgres/retry-request.ts';
import type { Role } from '../../src/admin/env.ts';
import { hashPassword } from '../../src/admin/security/scrypt.ts';
import type { TestDatabase } from './database.ts';
import { until } from './process-signals.ts';
import { startProgram } from './program.ts';
import { waitOutSeoulMidnight } from './seoul-midnight.ts';
import { createSimulatedWorld, type SimulatedWorld } from './simulated-malls.ts';
import { NIGHT_MALLS } from './troubled-night.ts';

export interface BrowserWorld extends SimulatedWorld {
  /** Where the page answers. */
  readonly url: string;
}

/** Longer than any one file of browser tests takes. */
const NEEDED_MS = 240_000;
/** Malls have been known for so long, so that their earlier days are missing. */
const KNOWN_DAYS = 12;

const PASSWORDS: Record<Role, string> = {
  viewer: 'looks at it all',
  operator: 'runs it again',
  admin: 'adds the malls',
};

/** The night has been run by a real `serve`, which now waits for requests and serves the page to three users. */
export async function createBrowserWorld(): Promise<BrowserWorld> {
  await waitOutSeoulMidnight(NEEDED_MS);
  const world = await createSimulatedWorld(NIGHT_MALLS);
  await world.database.query(`update mallsync.tb_mall_config set created_at = now() - interval '${KNOWN_DAYS} days'`);
  const environment = { ...world.environment, MALLSYNC_USERS_FILE: await writeUsersFile() };
  // the next night by schedule is far away
  const args = ['serve', '--port', '0', '--page-port', '0', '--catch-up-days', '0', '--schedule', '0 0 1 1 *'];
  const serve = startProgram(args, environment);
  atFileEnd(async () => {
    serve.process.kill('SIGTERM');
    const { exitCode, stderr } = await serve.finished;
    if (exitCode !== 0) throw new Error(`serve ended with ${exitCode}: ${stderr.slice(-4_000)}`);
  });
  await serve.waitForError(/night ended/);
  const [, url = ''] = await serve.waitForError(/"url":"(http:[^"]+)","msg":"serving the page"/);
  return { ...world, environment, url };
}

async function writeUsersFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mallsync-users-'));
  atFileEnd(() => rm(folder, { recursive: true }));
  const lines = Object.entries(PASSWORDS).map(
    async ([role, password]) => `${role}:${role}:${await hashPassword(password)}`,
  );
  const path = join(folder, 'users');
  await writeFile(path, `${(await Promise.all(lines)).join('\n')}\n`, { mode: 0o600 });
  return path;
}

/** Each of the three users is called as its role. Leads to the page that was asked for first. */
export async function signIn(page: Page, user: Role, path = '/runs'): Promise<void> {
  await page.goto(path);
  await page.getByLabel(/^(Name|이름)$/).fill(user);
  await page.getByLabel(/^(Password|비밀번호)$/).fill(PASSWORDS[user]);
  await page.getByRole('button', { name: /^(Sign in|로그인)$/ }).click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
}

/** The number of a mall by its Cafe24 name. */
export async function findMallId(database: TestDatabase, cafe24MallId: string): Promise<number> {
  const [row] = await database.query<{ mall_id: number }>(
    'select mall_id::int as mall_id from mallsync.tb_mall_config where cafe24_mall_id = $1',
    [cafe24MallId],
  );
  if (row === undefined) throw new Error(`there is no mall ${cafe24MallId}`);
  return row.mall_id;
}

export interface AskedPeriod {
  readonly cafe24MallId: string;
  /** First and last day, YYYY-MM-DD. */
  readonly days: readonly [string, string];
  readonly pageSize?: number;
}

/** A request for members such as the page writes it. @returns its key on the page, and when it is done */
export async function ask(
  { database }: BrowserWorld,
  { cafe24MallId, days, pageSize = 100 }: AskedPeriod,
): Promise<{ readonly key: string; readonly done: () => Promise<unknown> }> {
  const requests = createRetryRequests(await database.open());
  const [startDate, endDate] = [`${days[0]}T00:00:00`, `${days[1]}T23:59:59`];
  const key = `example-${cafe24MallId}`;
  const { requestId } = await requests.create(`${key} MEMBER ${startDate} ${endDate}`, {
    kind: 'RUN',
    domainType: 'MEMBER',
    startDate,
    endDate,
    pageSize,
    fingerprints: null,
    mallIds: [await findMallId(database, cafe24MallId)],
    requestedBy: 'operator',
    reason: 'to have something to look at',
  });
  const isDone = async (): Promise<boolean> => (await requests.find(requestId))?.state === 'DONE';
  return { key, done: () => until('the request to be done', isDone) };
}

import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import type { Started } from '../../support/program.ts';
import { runProgram, startProgram } from '../../support/program.ts';
import { listAudit } from './operator-fixture.ts';

const MALLS = 15;
/** For six processes one after the other, on a machine that others use too. */
const PATIENCE = { timeout: 90_000 };

const database = await createTestDatabase();
const environment = {
  MALLSYNC_DATABASE_URL: database.url,
  MALLSYNC_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
};
const started: Started[] = [];

afterEach(async () => {
  for (const { process, finished } of started.splice(0)) {
    process.kill('SIGTERM');
    await finished;
  }
});

/** @returns what a run needs, as soon as the simulator says that it is ready */
async function startRegistered(): Promise<Record<string, string>> {
  const simulator = startProgram(
    ['simulator', '--port', '0', '--malls', String(MALLS), '--register', '--json'],
    environment,
  );
  started.push(simulator);
  const [text] = await simulator.waitForOutput(/^\{[^]*^\}/m);
  const { cafe24Url, ...rest } = JSON.parse(text);
  expect(rest).toMatchObject({ malls: MALLS, registered: true });
  return { ...environment, MALLSYNC_CAFE24_URL: cafe24Url };
}

/** Rows of the last mall, which is none of the demo's. */
async function readMembers(day: string, given: Record<string, string>): Promise<void> {
  const period = ['--domain', 'MEMBER', '--start', `${day}T00:00:00`, '--end', `${day}T23:59:59`];
  const run = await runProgram(['run', ...period, '--malls', String(MALLS)], given);
  expect(run.exitCode, run.stderr).toBe(0);
  expect(run.stdout).toMatch(/15 sample-shop-15 +MEMBER +COMPLETED /);
}

it(
  'registers its malls before it says that it is ready, over those of an earlier start whose tokens are void',
  PATIENCE,
  async () => {
    await readMembers('2025-12-01', await startRegistered());
    const counted = await database.query(
      `select count(*)::int as malls, count(*) filter (where active)::int as active from mallsync.tb_mall_config`,
    );
    expect(counted).toEqual([{ malls: MALLS, active: MALLS - 1 }]);
    // by now a refresh has made the first token of that mall a used one
    await readMembers('2025-12-02', await startRegistered());
    expect(await listAudit(database)).toMatchObject([
      { action: 'simulator register', outcome: 'done', detail: { forced: true } },
      { action: 'simulator register', outcome: 'done', detail: { forced: true } },
    ]);
  },
);

it('refuses to register without a database and keys, and is not ready where it could not register', async () => {
  const bare = await runProgram(['simulator', '--port', '0', '--register']);
  expect(bare).toMatchObject({ exitCode: 78, stdout: '' });
  expect(bare.stderr).toMatch(/MALLSYNC_DATABASE_URL is missing[^]*MALLSYNC_ENCRYPTION_KEYS is missing/);
  const empty = await runProgram(['simulator', '--port', '0', '--register'], {
    ...environment,
    MALLSYNC_DATABASE_SCHEMA: 'there_is_none',
  });
  expect(empty).toMatchObject({ exitCode: 78, stdout: '' });
  expect(empty.stderr).toMatch(/run `mallsync migrate`/);
});

it('takes either a list of malls or a number of them', async () => {
  const both = await runProgram(['simulator', '--port', '0', '--fleet', 'malls.json', '--malls', '3']);
  expect(both).toMatchObject({ exitCode: 64, stdout: '' });
  expect(both.stderr).toMatch(/--malls must be left out/);
});

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestDatabase } from '../../support/database.ts';
import { createTestDatabase } from '../../support/database.ts';
import { runProgram } from '../../support/program.ts';

let database: TestDatabase;
let environment: Record<string, string>;
let folder: string;

const CLIENT = { clientId: 'client', clientSecret: 'very secret', refreshToken: 'first token' };
const MALLS = [
  { mallId: 1, cafe24MallId: 'rosemall', name: '장미', labels: { tier: 'gold' }, ...CLIENT },
  { mallId: 2, cafe24MallId: 'lilymall', active: false, domainTypes: ['ORDER'], shopNos: [1, 2] },
];

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'mallsync-malls-'));
  environment = {
    MALLSYNC_DATABASE_URL: database.url,
    MALLSYNC_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  };
});
afterAll(() => rm(folder, { recursive: true }));

async function importMalls(content: unknown): ReturnType<typeof runProgram> {
  const file = join(folder, 'malls.json');
  await writeFile(file, JSON.stringify(content));
  return await runProgram(['malls', 'import', file, '--json'], environment);
}

it('imports a list, and changes nothing when it is imported again', async () => {
  const first = await importMalls(MALLS);
  expect(first).toMatchObject({ exitCode: 0, stderr: '' });
  expect(JSON.parse(first.stdout)).toEqual({
    malls: [
      { mallId: 1, mall: 'added', credential: 'insert' },
      { mallId: 2, mall: 'added', credential: 'absent' },
    ],
  });
  const second = JSON.parse((await importMalls(MALLS)).stdout) as { malls: { mall: string }[] };
  expect(second.malls.map(({ mall }) => mall)).toEqual(['unchanged', 'unchanged']);
});

it('lists and shows malls without their secrets', async () => {
  await importMalls(MALLS);
  const list = await runProgram(['malls', 'list', '--json'], environment);
  expect(JSON.parse(list.stdout)).toMatchObject({
    malls: [
      { mallId: 1, name: '장미', active: true, credential: { state: 'ACTIVE', clientId: 'client' } },
      { mallId: 2, active: false, domainTypes: ['ORDER'], shopNos: [1, 2], credential: null },
    ],
  });
  const show = await runProgram(['malls', 'show', '1'], environment);
  expect(show.stdout).toMatch(/rosemall/);
  expect(list.stdout + show.stdout).not.toMatch(/very secret|first token/);
});

it('names every fault of a list and takes none of it', async () => {
  const before = await database.query('select count(*)::int as n from mallsync.tb_mall_config');
  const result = await importMalls([
    { mallId: 77, cafe24MallId: 'fine' },
    { mallId: 0, cafe24MallId: 'Not A Mall' },
    { mallId: 78, cafe24MallId: 'also-fine', domainTypes: ['STOCK'] },
  ]);
  expect(result).toMatchObject({ exitCode: 78, stdout: '' });
  expect(result.stderr).toMatch(/entry 2: mallId/);
  expect(result.stderr).toMatch(/entry 2: cafe24MallId/);
  expect(result.stderr).toMatch(/entry 3: domainTypes/);
  expect(await database.query('select count(*)::int as n from mallsync.tb_mall_config')).toEqual(before);
});

it('takes the list from standard input, and says when that is no JSON', async () => {
  const good = await runProgram(
    ['malls', 'import', '-'],
    environment,
    JSON.stringify([{ mallId: 3, cafe24MallId: 'tulip' }]),
  );
  expect(good).toMatchObject({ exitCode: 0 });
  const bad = await runProgram(['malls', 'import', '-'], environment, '{');
  expect(bad).toMatchObject({ exitCode: 64, stdout: '' });
  expect(bad.stderr).toMatch(/<file> must be a JSON list of malls/);
});

it('activates and deactivates all named malls or none', async () => {
  await importMalls(MALLS);
  const bad = await runProgram(['malls', 'activate', '2,99'], environment);
  expect(bad.exitCode).toBe(78);
  expect(bad.stderr).toMatch(/no mall 99/);
  const listed = async (): Promise<unknown> =>
    (await database.query<{ active: boolean }>('select active from mallsync.tb_mall_config where mall_id = 2'))[0]
      ?.active;
  expect(await listed()).toBe(false);
  expect(await runProgram(['malls', 'activate', '2'], environment)).toMatchObject({ exitCode: 0 });
  expect(await listed()).toBe(true);
});

it('adds one mall with its secret from the environment', async () => {
  const added = await runProgram(
    ['malls', 'add', '--mall-id', '9', '--cafe24-mall-id', 'iris', '--client-id', 'c', '--domain', 'MEMBER', '--json'],
    { ...environment, MALLSYNC_CLIENT_SECRET: 's' },
  );
  expect(JSON.parse(added.stdout)).toEqual({ malls: [{ mallId: 9, mall: 'added', credential: 'insert' }] });
});

import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { createClusterWorld } from '../support/cluster-world.ts';
import { awaitUrl } from '../support/leader-scene.ts';
import type { Finished } from '../support/program.ts';
import { runProgram } from '../support/program.ts';

const MALLS = 3;
/** Each waits for several processes, on a machine that others use too. */
const PATIENCE = { timeout: 180_000 };

const world = await createClusterWorld();
/** It may create MallSyncs, and nothing else. */
const environment = { KUBECONFIG: await world.writeKubeconfig('mallsync-nightly') };
const mallSyncs = `/apis/mallsync.io/v1alpha1/namespaces/${world.namespace}/mallsyncs`;

beforeAll(async () => {
  const malls = Array.from({ length: MALLS }, (_, index) => ({
    mallId: index + 1,
    cafe24MallId: `mall-${index + 1}`,
    clientId: 'client',
    clientSecret: 'secret',
    refreshToken: `refresh-${index}`,
  }));
  await runProgram(['malls', 'import', '-'], { ...world.environment }, JSON.stringify(malls));
});

async function check(more: Readonly<Record<string, string>> = {}, ...args: readonly string[]): Promise<Finished> {
  return await world.start(['check', ...args], { ...environment, ...more }).finished;
}

/** Its marks and names, in order. */
function toOutline({ stdout }: Finished): string {
  return [...stdout.matchAll(/^([✓✗–]) (\w+)/gm)].map(([, mark, name]) => `${mark} ${name}`).join(', ');
}

describe('check', PATIENCE, () => {
  test('finds a whole installation sound, and leaves nothing behind', async () => {
    const controller = world.startController();
    const url = await awaitUrl(controller);
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 60_000 }).toBe(200);
    const sound = await check({ MALLSYNC_CONTROLLER_URL: url });
    expect(sound.stdout.split('\n')).toEqual([
      expect.stringMatching(/^✓ database {4}PostgreSQL \d+(\.\d+)? answers at [\d.]+:\d+$/),
      expect.stringMatching(/^✓ schema {6}schema mallsync is at \d{6}_\w+\.sql, which mallsync [\d.]+ takes$/),
      `✓ keys        the credentials of ${MALLS} malls open`,
      `✓ mallsyncs   a MallSync would be taken in namespace ${world.namespace}`,
      `✓ controller  it is ready at ${url}`,
      'This installation is sound.',
      '',
    ]);
    expect(sound).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await world.client.request('GET', mallSyncs)).items).toEqual([]);
    expect(await world.database.query('select 1 from mallsync.tb_batch_execution_summary')).toEqual([]);
  });

  test('tells everything that is wrong at once, and ends with what takes a person most', async () => {
    const elsewhere = new URL(world.database.url);
    elsewhere.port = '1';
    const broken = await check(
      { MALLSYNC_DATABASE_URL: elsewhere.href, POD_NAMESPACE: 'default' },
      '--controller-url',
      'http://127.0.0.1:2',
    );
    expect(toOutline(broken)).toBe('✗ database, – schema, – keys, ✗ mallsyncs, ✗ controller');
    expect(broken.stdout).toMatch(/ECONNREFUSED.*; start PostgreSQL/);
    expect(broken.stdout).toMatch(/forbidden.*; let its service account create mallsyncs/);
    expect(broken.stdout).toMatch(/3 of 5 are not right\.\n$/);
    expect(broken.exitCode).toBe(77);
  });

  test('knows a database that only has to come back', async () => {
    const elsewhere = new URL(world.database.url);
    elsewhere.port = '1';
    const away = await check({ MALLSYNC_DATABASE_URL: elsewhere.href });
    expect(toOutline(away)).toBe('✗ database, – schema, – keys, ✓ mallsyncs, – controller');
    expect(away.exitCode).toBe(69);
  });

  test('looks behind a pooler, too', async () => {
    const elsewhere = new URL(world.database.url);
    elsewhere.port = '1';
    const behind = await check({ MALLSYNC_DATABASE_DIRECT_URL: elsewhere.href });
    expect(behind.stdout).toMatch(/^✗ database .*ECONNREFUSED/);
    expect(behind.exitCode).toBe(69);
  });

  test('tells a namespace that is not there, and a cluster that it cannot find', async () => {
    const { kubeconfig } = inject('apiServer');
    const lost = await check({ KUBECONFIG: kubeconfig, POD_NAMESPACE: 'there-is-none' });
    expect(lost.stdout).toMatch(/✗ mallsyncs .*there-is-none.*not found; apply the definition/);
    expect(lost.exitCode).toBe(78);
    const without = await check({ KUBECONFIG: '/there/is/none' });
    expect(without.stdout).toMatch(/✗ mallsyncs .*no access to a cluster.*; give a kubeconfig/);
    expect(without.exitCode).toBe(77);
  });

  test('tells keys that do not open what is stored', async () => {
    const key = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;
    const other = await check({ MALLSYNC_ENCRYPTION_KEYS: key('test') });
    expect(toOutline(other)).toBe('✓ database, ✓ schema, ✗ keys, ✓ mallsyncs, – controller');
    expect(other.stdout).toMatch(/the credentials of 3 of 3 malls do not open: client_secret of mall 1 does not open/);
    expect(other.exitCode).toBe(78);
    const lacking = await check({ MALLSYNC_ENCRYPTION_KEYS: key('other') }, '--json');
    const document = JSON.parse(lacking.stdout);
    expect(document).toMatchObject({ isSound: false, checks: { length: 5 } });
    expect(document.checks[2]).toMatchObject({
      name: 'keys',
      outcome: 'failed',
      found: expect.stringMatching(/lacks the key test/),
    });
  });

  test('tells a key that only erased members need', async () => {
    await world.database.query(
      `insert into mallsync.tb_erased_member (mall_id, member_hash, key_id) values (1, 'hash', 'retired')`,
    );
    const retired = await check();
    await world.database.query('truncate mallsync.tb_erased_member');
    expect(retired.stdout).toMatch(/✗ keys {8}MALLSYNC_ENCRYPTION_KEYS lacks the key retired, which stored data needs/);
    expect(retired.exitCode).toBe(78);
  });
});

describe('the schema', PATIENCE, () => {
  test('that was never made, or is older than the program, is to be migrated', async () => {
    const empty = await check({ MALLSYNC_DATABASE_SCHEMA: 'never_made' });
    expect(toOutline(empty)).toBe('✓ database, ✗ schema, – keys, ✓ mallsyncs, – controller');
    expect(empty.stdout).toMatch(/holds none of its tables; run `mallsync migrate`/);
    expect(empty.exitCode).toBe(78);

    await migrate(await world.database.open({ schema: 'older' }), '0.1.0');
    await world.database.query(
      'delete from older.tb_schema_migration where number = (select max(number) from older.tb_schema_migration)',
    );
    const older = await check({ MALLSYNC_DATABASE_SCHEMA: 'older' });
    expect(older.stdout).toMatch(/✗ schema .*lacks \d{6}_\w+\.sql; run `mallsync migrate`/);
    expect(older.exitCode).toBe(78);
  });

  test('of a later program is fine as long as this one may work with it', async () => {
    await migrate(await world.database.open({ schema: 'later' }), '0.1.0');
    const add = (number: number, minimum: string) =>
      world.database.query(
        `insert into later.tb_schema_migration (number, name, checksum, min_program, program)
         values ($1::integer, $1::integer || '_later.sql', '', $2, '9.0.0')`,
        [number, minimum],
      );
    const later = { MALLSYNC_DATABASE_SCHEMA: 'later' };
    await add(900_001, '0.1.0');
    const fine = await check(later);
    expect(fine.stdout).toMatch(/✓ schema .* is at 900001_later\.sql/);
    expect(fine.stdout).toMatch(/✓ keys .*no mall is registered yet; bring some with `mallsync malls import`/);
    expect(fine.exitCode).toBe(0);
    await add(900_002, '9.0.0');
    const newer = await check(later);
    expect(newer.stdout).toMatch(/✗ schema .*mallsync 9\.0\.0 or newer.*; update the program/);
    expect(newer.exitCode).toBe(78);
  });
});

import { afterAll, describe, expect, test, vi } from 'vitest';
import { Client } from 'pg';
import { createTestDatabase } from '../../support/database.ts';
import { isPageFrom } from '../../support/fault-gate.ts';
import { expectPagesCountedOnce, expectTruth, listExecutionRows } from '../../support/fault-ledger.ts';
import { DAY, openFaultWorld } from '../../support/fault-world.ts';
import { openPooler } from '../../support/pgbouncer.ts';
import { runCommand } from '../../support/pipeline.ts';
import { readLeftovers } from '../../support/pooled-sessions.ts';
import { until } from '../../support/process-signals.ts';

vi.setConfig({ testTimeout: 180_000 });
const db = await createTestDatabase();
const PERIOD = ['--start', DAY.startDate, '--end', DAY.endDate];
const NOTHING = { settings: [], preparedStatements: [], channels: [], advisoryLocks: 0, temporaryRows: 0 };

/** One connection to the server: whoever needed a second one while it holds one would wait for ever. */
const pooler = await openPooler(db.url, { poolSize: 1 });
const urls = { MALLSYNC_DATABASE_URL: pooler.url, MALLSYNC_DATABASE_DIRECT_URL: db.url };
const world = await openFaultWorld(db.url, { environment: { ...urls, MALLSYNC_LEASE_SECONDS: '20' } });
afterAll(() => world.close());

describe.skipIf(pooler.isMissing)('behind a pooler', () => {
  test('a leak of any kind would be seen', async () => {
    const client = new Client({ connectionString: pooler.url });
    await client.connect();
    await client.query(`set lock_timeout = 77; set search_path = pg_catalog; prepare left_over as select 1;
      listen left_over; select pg_advisory_lock(77); create temp table left_over as select 1`);
    await client.end();
    const [leftovers, ...others] = await readLeftovers(pooler);
    expect(others).toEqual([]);
    expect(leftovers).toMatchObject({
      settings: expect.arrayContaining(['lock_timeout', 'search_path']),
      preparedStatements: ['left_over'],
      channels: ['left_over'],
      advisoryLocks: 1,
      temporaryRows: 1,
    });
    await pooler.restart();
  });

  test('an address of a pooler that is not said to be one is a fault of the settings, with its cure', async () => {
    const { MALLSYNC_DATABASE_DIRECT_URL: _, ...environment } = world.environment;
    const { exitCode, stderr } = await runCommand(['status'], environment);
    expect(exitCode).toBe(78);
    expect(stderr).toMatch(/MALLSYNC_DATABASE_DIRECT_URL/);
  });

  test('six syncs at once share the one connection, and nothing stays on it', async () => {
    const malls = await Promise.all([1, 2, 3].map(() => world.addMall({ membersPerDay: 130, ordersPerDay: 90 })));
    const runs = malls.flatMap((mall) => (['MEMBER', 'ORDER'] as const).map((domainType) => ({ mall, domainType })));
    const gate = await world.openGate();
    const page = gate.hold(isPageFrom(40));
    const syncs = runs.map((run) => world.startSync({ ...run, gate }));
    await until('all of them to have written a page', async () => {
      const rows = (await Promise.all(malls.map((mall) => listExecutionRows(world, mall)))).flat();
      return rows.length === runs.length && rows.every(({ pages }) => pages > 0);
    });
    const [clients, servers] = [await pooler.show('clients'), await pooler.show('servers')];
    expect(clients.length).toBeGreaterThanOrEqual(2 * runs.length);
    expect(servers).toHaveLength(1);
    page.release();
    const ends = await Promise.all(syncs.map(({ finished }) => finished));
    expect(
      ends.map(({ exitCode }) => exitCode),
      ends.map(({ stderr }) => stderr).join(''),
    ).toEqual(runs.map(() => 0));
    for (const { mall, domainType } of runs) await expectTruth(world, mall, domainType);
    await expectPagesCountedOnce(world);
    const again = await Promise.all(runs.map((run) => world.sync({ ...run, attemptCount: 2 })));
    expect(again.map(({ exitCode }) => exitCode)).toEqual(runs.map(() => 0));
    const [firstMall = { mallId: 0, cafe24MallId: '' }] = malls;
    world.simulator.control.editRows(firstMall.cafe24MallId, { op: 'change', domainType: 'MEMBER', ...DAY, count: 50 });
    const reprocess = ['run', '--json', '--malls', 'all', '--domain', 'MEMBER', '--reprocess', '--reason', 'a test'];
    expect(await world.start([...reprocess, ...PERIOD, '--threads', '2']).finished).toMatchObject({ exitCode: 0 });
    for (const mall of malls) await expectTruth(world, mall);
    expect(await readLeftovers(pooler)).toEqual([NOTHING]);
  });

  test('each command works by it in a schema that it has migrated, and only the migration goes past it', async () => {
    const mall = await world.addMall({ membersPerDay: 25, ordersPerDay: 25 });
    const environment = { ...world.environment, MALLSYNC_DATABASE_SCHEMA: 'behind_pooler' };
    const use = async (args: readonly string[], input = ''): Promise<string> => {
      const { exitCode, stdout, stderr } = await runCommand(args, environment, input);
      expect(exitCode, `${args.join(' ')}: ${stderr}`).toBe(0);
      return stdout;
    };
    const rival = await world.connect();
    await rival.query(`select pg_advisory_lock(hashtextextended('mallsync migrate behind_pooler', 0))`);
    const migrating = use(['migrate']);
    const waiting = await until('the migration to wait for its lock', async () => {
      const rows = await world.query<{ pid: number }>(
        `select pid from pg_locks where locktype = 'advisory' and not granted`,
      );
      return rows.length > 0 && rows.map(({ pid }) => pid);
    });
    const backends = await pooler.listBackends();
    expect(waiting.filter((pid) => backends.includes(pid))).toEqual([]);
    await rival.query('select pg_advisory_unlock_all()');
    await migrating;

    const client = { clientId: 'app', clientSecret: 'secret', refreshToken: `first token of ${mall.mallId}` };
    await use(['malls', 'import', '-'], JSON.stringify([{ ...mall, ...client }]));
    const poison = { op: 'poison', domainType: 'MEMBER', ...DAY, count: 1, kind: 'bad-amount' } as const;
    world.simulator.control.editRows(mall.cafe24MallId, poison);
    const report = JSON.parse(await use(['run', '--json', '--threads', '1', ...PERIOD]));
    expect(report.totals).toMatchObject({ completed: 2, withRejects: 1, rejected: 1 });
    world.simulator.control.editRows(mall.cafe24MallId, { op: 'heal', domainType: 'MEMBER', ...DAY });
    await use(['errors', 'replay', '--fingerprint', 'MEMBER:VALIDATE:BAD_NUMBER:total_points']);
    await use([
      'rerun',
      '--malls',
      String(mall.mallId),
      '--domain',
      'ORDER',
      ...PERIOD,
      '--reprocess',
      '--reason',
      'a test',
    ]);
    const [member] = await world.query<{ member_id: string }>('select member_id from behind_pooler.tb_member');
    await use(['erase', '--mall', String(mall.mallId), '--member', member?.member_id ?? '']);
    await use(['keys', 'rotate']);
    await use(['status', '--json']);
    await use(['prune', '--rejected-days', '1']);
    const stored = await world.query(
      `select (select count(*)::integer from behind_pooler.tb_member) as members,
         (select count(*)::integer from behind_pooler.tb_order) as orders,
         (select count(*)::integer from behind_pooler.tb_sales_hourly) as hours`,
    );
    expect(stored).toEqual([{ members: 24, orders: 25, hours: 24 }]);
    expect(await readLeftovers(pooler)).toEqual([NOTHING]);
  });
});

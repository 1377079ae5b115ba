import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { DAY_MS, parseSeoulTime } from '../../src/domain/seoul-time.ts';
import type { KubeObject } from '../support/api-server-door.ts';
import { createTestDatabase } from '../support/database.ts';
import { createMallSyncNamespace } from '../support/mall-sync-namespace.ts';
import type { Finished } from '../support/program.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { countClockLooks, resetDatabaseClock, setDatabaseClock, withLocalClock } from '../support/shifted-clock.ts';
import { addExecution, addMall } from '../integration/commands/operator-fixture.ts';

const cluster = createMallSyncNamespace('nightly');
const database = await createTestDatabase();
const environment = { ...cluster.environment, MALLSYNC_DATABASE_URL: database.url };
/** Due after 17 December has ended. */
const NIGHT = ['--scheduled-at', '2025-12-18T00:00:00+09:00'];
const MIDNIGHT = parseSeoulTime('2025-12-18T00:00:00') ?? 0;

beforeEach(async () => {
  await cluster.deleteAll();
  await database.query(
    'truncate mallsync.tb_mall_config, mallsync.tb_coverage, mallsync.tb_batch_job_instance cascade',
  );
  for (const mallId of [1, 2, 3]) await addMall(database, mallId);
});

/** All three domain types of the malls, in local days. */
async function cover(mallIds: readonly number[], from: string, until: string, domainType = '%'): Promise<void> {
  await database.query(
    `insert into mallsync.tb_coverage as known (mall_id, domain_type, covered)
     select mall_id, domain_type, tstzmultirange(tstzrange($2::text::timestamp at time zone 'Asia/Seoul',
       $3::text::timestamp at time zone 'Asia/Seoul'))
     from unnest($1::bigint[]) as mall_id, unnest('{MEMBER,ORDER,SALES}'::text[]) as domain_type
     where domain_type like $4
     on conflict (mall_id, domain_type) do update set covered = known.covered + excluded.covered`,
    [mallIds, from, until, domainType],
  );
}

interface Line {
  readonly result: string;
  readonly name: string;
}

function toLines({ stdout }: Finished): readonly Line[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [result = '', name = ''] = line.split(/\s+/);
      return { result, name };
    });
}

async function nightly(...args: string[]): Promise<Finished> {
  return await runProgram(['nightly', ...args], environment);
}

async function listCatchUps(): Promise<readonly (readonly [string, string, readonly number[]])[]> {
  return (await cluster.list())
    .filter(({ metadata }) => metadata.name.startsWith('catchup-'))
    .map(({ spec }): [string, string, readonly number[]] => [spec.domainType, spec.startDate, spec.mallIds]);
}

describe('a night', () => {
  it('becomes one MallSync a domain type, and one for each earlier day that some mall lacks', async () => {
    await cover([1, 2, 3], '2025-12-01', '2025-12-17', 'MEMBER');
    await cover([1, 3], '2025-12-01', '2025-12-17', 'ORDER');
    await cover([2], '2025-12-01', '2025-12-16', 'ORDER');
    await cover([1, 2, 3], '2025-12-01', '2025-12-17', 'SALES');
    const run = await nightly(...NIGHT, '--lookback-days', 'SALES=2', '--page-size', '250');
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    const mallSyncs = await cluster.list();
    expect(new Set(toLines(run).map(({ result }) => result))).toEqual(new Set(['created']));
    expect(
      toLines(run)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(mallSyncs.map(({ metadata }) => metadata.name));
    const nights = mallSyncs.filter(({ metadata }) => metadata.name.startsWith('nightly-'));
    expect(nights.map(({ metadata, spec }) => [metadata.name, spec.startDate, spec.endDate])).toEqual([
      ['nightly-member-20251217', '2025-12-17T00:00:00', '2025-12-18T00:00:00'],
      ['nightly-order-20251217', '2025-12-17T00:00:00', '2025-12-18T00:00:00'],
      ['nightly-sales-20251217', '2025-12-15T00:00:00', '2025-12-18T00:00:00'],
    ]);
    for (const { spec } of nights) {
      expect(spec).toMatchObject({ pageSize: 250, trigger: 'NIGHTLY' });
      expect(spec).not.toHaveProperty('mallIds');
    }
    expect(await listCatchUps()).toEqual([['ORDER', '2025-12-16T00:00:00', [2]]]);
  });

  it('that two processes make at once exists once, and both have done their work', async () => {
    const [one, other] = await Promise.all([nightly(...NIGHT), nightly(...NIGHT)]);
    expect([one.exitCode, other.exitCode]).toEqual([0, 0]);
    const results = Map.groupBy([...toLines(one), ...toLines(other)], ({ name }) => name);
    const names = (await cluster.list()).map(({ metadata }) => metadata.name);
    expect(names).toHaveLength(3 + 3 * 3);
    expect([...results.keys()].toSorted()).toEqual(names);
    for (const lines of results.values()) {
      expect(lines.map(({ result }) => result).toSorted()).toEqual(['created', 'exists']);
    }
  });

  it('made again says what exists, and changes nothing', async () => {
    await nightly(...NIGHT);
    const before = await cluster.list();
    const again = await nightly('--scheduled-at', '2025-12-18T23:59:59.9+09:00', '--json');
    expect(again.exitCode).toBe(0);
    const { mallSyncs } = JSON.parse(again.stdout) as { readonly mallSyncs: readonly Line[] };
    expect(mallSyncs).toHaveLength(before.length);
    expect(new Set(mallSyncs.map(({ result }) => result))).toEqual(new Set(['exists']));
    expect(await cluster.list()).toEqual(before);
  });

  it('that failed for some malls is made up for the next night for those alone, and again the night after', async () => {
    await cover([1, 3], '2025-12-01', '2025-12-18');
    await cover([2], '2025-12-01', '2025-12-17');
    for (const day of ['2025-12-19', '2025-12-20']) {
      await nightly('--scheduled-at', `${day}T00:00:00+09:00`, '--domain', 'MEMBER');
      await cover([1, 2, 3], '2025-12-18', day);
    }
    const mallSyncs = await cluster.list();
    const catchUps = mallSyncs
      .filter(({ spec }) => spec.startDate === '2025-12-17T00:00:00')
      .map(({ metadata, spec }): [string, readonly number[]] => [metadata.labels['mallsync.io/night'], spec.mallIds]);
    expect(new Map(catchUps)).toEqual(
      new Map([
        ['20251218', [2]],
        ['20251219', [2]],
      ]),
    );
    expect(catchUps).toHaveLength(2);
    expect(mallSyncs).toHaveLength(4);
  });

  it('leaves out of the catch-up what is being read already, but not what a replay or a waiting back-fill holds', async () => {
    await cover([1, 2, 3], '2025-12-01', '2025-12-16', 'MEMBER');
    await addExecution(database, { mallId: 1, status: 'RUNNING', day: 16 });
    await addExecution(database, { mallId: 2, status: 'RUNNING', day: 16, mode: 'REPLAY' });
    const waiting = await addExecution(database, { mallId: 3, status: 'REQUESTED', day: 16 });
    await database.query(
      `update mallsync.tb_batch_execution_summary set trigger = 'BACKFILL' where execution_id = $1`,
      [waiting],
    );
    await nightly(...NIGHT, '--domain', 'MEMBER');
    expect(await listCatchUps()).toEqual([['MEMBER', '2025-12-16T00:00:00', [2, 3]]]);
  });

  it('is shown by a dry run as the API server would take it, and not made', async () => {
    const [yaml, json] = await Promise.all([nightly(...NIGHT, '--dry-run'), nightly(...NIGHT, '--dry-run', '--json')]);
    expect(await cluster.list()).toEqual([]);
    const shown = parseAllDocuments(yaml.stdout).map((document): KubeObject => document.toJS());
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'List', items: shown });
    for (const mallSync of shown) {
      await cluster.client.request('POST', `${cluster.path}?dryRun=All&fieldValidation=Strict`, mallSync);
    }
    expect(toLines(await nightly(...NIGHT)).map(({ name }) => name)).toEqual(
      shown.map(({ metadata }) => metadata.name),
    );
  });
});

describe('the time', () => {
  afterEach(() => resetDatabaseClock(database));
  const startAt = async (databaseMs: number, localMs: number, args: readonly string[], standsStill = false) => {
    await setDatabaseClock(database, databaseMs, { standsStill });
    const shift = withLocalClock(localMs - Date.now());
    return startProgram(['nightly', '--catch-up-days', '0', ...args], { ...environment, ...shift });
  };
  const listNights = async (): Promise<readonly string[]> =>
    (await cluster.list()).map(({ metadata }) => metadata.name).filter((name) => name.startsWith('nightly-order'));

  it.each([
    ['a day ahead', DAY_MS],
    ['a day behind', -DAY_MS],
  ])('is the database’s, though the own clock is %s', async (_, localShiftMs) => {
    const noonMs = MIDNIGHT + DAY_MS / 2;
    const { finished } = await startAt(noonMs, noonMs + localShiftMs, []);
    expect(await finished).toMatchObject({ exitCode: 0 });
    expect(await listNights()).toEqual(['nightly-order-20251217']);
  });

  it.each([
    ['with its slot', NIGHT],
    ['without one', []],
  ])('a moment before midnight means that midnight, %s, and nothing is made before it', async (_, args) => {
    const { finished } = await startAt(MIDNIGHT - 100, MIDNIGHT + 60_000, args, true);
    const before = await countClockLooks(database);
    await expect.poll(() => countClockLooks(database), { timeout: 30_000 }).toBeGreaterThan(before + 5);
    expect(await listNights()).toEqual([]);
    await setDatabaseClock(database, MIDNIGHT);
    expect(await finished).toMatchObject({ exitCode: 0 });
    expect(await listNights()).toEqual(['nightly-order-20251217']);
  });

  it('of the slot is refused when it lies far ahead', async () => {
    const { finished } = await startAt(MIDNIGHT - 3_600_000, MIDNIGHT, NIGHT);
    const end = await finished;
    expect(end).toMatchObject({ exitCode: 64, stdout: '' });
    expect(end.stderr).toMatch(/--scheduled-at must not be more than ten minutes ahead/);
    expect(await cluster.list()).toEqual([]);
  });
});

describe('a re-read', () => {
  it('asks for everything since each mall’s first day, one back-fill for those that begin on the same', async () => {
    await cover([1, 3], '2025-11-01', '2025-12-18', 'MEMBER');
    await cover([2], '2025-12-05', '2025-12-18', 'MEMBER');
    await cover([2], '2025-12-10', '2025-12-12', 'ORDER');
    const run = await nightly(...NIGHT, '--reread');
    expect(run.exitCode).toBe(0);
    const found = (await cluster.list()).map(({ metadata, spec }) => [metadata.name.slice(0, -14), spec]);
    const common = { endDate: '2025-12-18T00:00:00', trigger: 'BACKFILL', reprocess: false };
    expect(found).toMatchObject([
      ['reread-member-20251101-20251217', { ...common, startDate: '2025-11-01T00:00:00', mallIds: [1, 3] }],
      ['reread-member-20251205-20251217', { ...common, startDate: '2025-12-05T00:00:00', mallIds: [2] }],
      ['reread-order-20251210-20251217', { ...common, startDate: '2025-12-10T00:00:00', mallIds: [2] }],
    ]);
    expect(new Set(toLines(await nightly(...NIGHT, '--reread')).map(({ result }) => result))).toEqual(
      new Set(['exists']),
    );
  });

  it('takes another first day when it is told to, for all active malls', async () => {
    await cover([1], '2025-11-01', '2025-12-18', 'SALES');
    await nightly(...NIGHT, '--reread', '--since', '2025-12-01', '--domain', 'SALES');
    expect((await cluster.list()).map(({ spec }) => [spec.startDate, spec.mallIds])).toEqual([
      ['2025-12-01T00:00:00', [1, 2, 3]],
    ]);
  });
});

describe('what cannot be done', () => {
  it('is told by the exit code: what may pass, and what has to be set right', async () => {
    const elsewhere = new URL(database.url);
    elsewhere.port = '1';
    const silent = join(await mkdtemp(join(tmpdir(), 'mallsync-nightly-')), 'kubeconfig');
    const kubeconfig = await readFile(cluster.environment['KUBECONFIG'] ?? '', 'utf8');
    await writeFile(silent, kubeconfig.replace(cluster.client.server, 'https://127.0.0.1:1'));
    const [noDatabase, noServer, noNamespace, noCluster, since] = await Promise.all([
      runProgram(['nightly', ...NIGHT], { ...environment, MALLSYNC_DATABASE_URL: elsewhere.href }),
      runProgram(['nightly', ...NIGHT], { ...environment, KUBECONFIG: silent }),
      runProgram(['nightly', ...NIGHT], { ...environment, POD_NAMESPACE: 'there-is-none' }),
      runProgram(['nightly', ...NIGHT], { ...environment, KUBECONFIG: '/there/is/none' }),
      runProgram(['nightly', ...NIGHT, '--since', '2025-12-01'], environment),
    ]);
    expect(noDatabase).toMatchObject({ exitCode: 69, stdout: '' });
    expect(noServer.exitCode).toBe(69);
    expect(noServer.stdout).toMatch(/^failed +nightly-member-20251217: [^\n]*\n$/);
    expect(noNamespace.exitCode).toBe(78);
    expect(noNamespace.stdout).toMatch(/^failed +nightly-member-20251217: .*there-is-none/m);
    expect(noCluster).toMatchObject({ exitCode: 78, stdout: '' });
    expect(since.exitCode).toBe(64);
    expect(since.stderr).toMatch(/--since must be left out/);
    expect(await cluster.list()).toEqual([]);
  });
});

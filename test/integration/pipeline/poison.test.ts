import { expect, test } from 'vitest';
import { ROW_FLAWS } from '../../../src/simulator/poison.ts';
import { DAY, openPipeline, type PipelineMall } from '../../support/pipeline.ts';
import { expectTruth, readApiRows } from '../../support/truth.ts';

const pipeline = await openPipeline();
const { db, simulator, run, addMall, command } = pipeline;
const { control } = simulator;

const REASONS = {
  MEMBER: {
    'bad-date': 'BAD_DATE:created_date',
    'nul-character': 'BAD_TEXT:name',
    'too-long': 'TOO_LONG:nick_name',
    'wrong-type': 'WRONG_TYPE:name',
    'missing-key': 'MISSING_KEY:member_id',
    'bad-amount': 'BAD_NUMBER:total_points',
  },
  ORDER: {
    'bad-date': 'BAD_DATE:order_date',
    'nul-character': 'BAD_TEXT:',
    'too-long': 'TOO_LONG:',
    'wrong-type': 'WRONG_TYPE:',
    'missing-key': 'MISSING_KEY:order_id',
    'bad-amount': 'BAD_NUMBER:payment_amount',
  },
} as const;
type RowDomain = keyof typeof REASONS;

interface Entry {
  readonly row_key: string | null;
  readonly fingerprint: string;
  readonly status: string;
  readonly payload: unknown;
  readonly times: number;
}

async function listEntries({ mallId }: PipelineMall, status = '%'): Promise<readonly Entry[]> {
  return await db.query<Entry & Record<string, unknown>>(
    `select row_key, fingerprint, status, payload, times from mallsync.tb_batch_error_log
     where mall_id = $1 and status like $2 order by fingerprint, row_key`,
    [mallId, status],
  );
}

async function readCoverage({ mallId }: PipelineMall): Promise<readonly Record<string, unknown>[]> {
  return await db.query(
    `select domain_type, covered <> '{}' as is_covered, with_rejects <> '{}' as has_rejects
     from mallsync.tb_coverage where mall_id = $1`,
    [mallId],
  );
}

/** The raw rows as they were before they were spoilt: the flaws only change one field each. */
async function spoil(mall: PipelineMall, domainType: RowDomain): Promise<readonly Record<string, unknown>[]> {
  const rows = await readApiRows(pipeline, mall, domainType);
  const idName = domainType === 'MEMBER' ? 'member_id' : 'order_id';
  return ROW_FLAWS.map((kind, n) => {
    const row = rows[n * 3 + 1] ?? {};
    control.editRows(mall.cafe24MallId, { op: 'poison', domainType, keys: [String(row[idName])], kind });
    return row;
  });
}

function listLeaves(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listLeaves) : [];
}

/** What of a mask is a shape and tells of nobody. */
const SHAPE = /^[x9?\s!-/:-@[-`{-~…]*$/;
const SPOILT_VALUES = ['object', 'inside', '12,34x', '25:61:00', 'x'.repeat(101)];
/** Numbers are masked to these. */
const NUMBER_SHAPES = new Set(['0', '0.5']);

test.each(['MEMBER', 'ORDER'] as const)(
  'rows of %s that no table can take end in the error log, masked, by cause, and are replayed once mended',
  async (domainType) => {
    const mall = await addMall({ membersPerDay: 40, ordersPerDay: 40 });
    const spoilt = await spoil(mall, domainType);
    const report = await run(mall, { domainType });
    expect(report).toMatchObject({ status: 'COMPLETED_WITH_REJECTS', read: 40, inserted: 34, rejected: 6 });
    expect(await expectTruth(pipeline, mall, domainType)).toBe(34);
    expect(await readCoverage(mall)).toEqual([{ domain_type: domainType, is_covered: true, has_rejects: true }]);

    const entries = await listEntries(mall);
    const found = entries.map(({ fingerprint }) => fingerprint.replace(`${domainType}:VALIDATE:`, ''));
    for (const reason of Object.values(REASONS[domainType])) {
      expect(found.filter((fingerprint) => fingerprint.startsWith(reason))).toHaveLength(1);
    }
    expect(entries.filter((entry) => entry.row_key === null)).toHaveLength(1);
    await expectMasked(mall, spoilt, entries);

    control.editRows(mall.cafe24MallId, { op: 'heal', domainType, ...DAY });
    // the group without keys last: its window is read again, which settles all that is left of it
    for (const { fingerprint } of entries.toSorted((a, b) => Number(a.row_key === null) - Number(b.row_key === null))) {
      const { exitCode, stdout } = await command(['errors', 'replay', '--json', '--fingerprint', fingerprint]);
      expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({
        exitCode: 0,
        stillOpen: 0,
        executions: [{ status: 'COMPLETED', inserted: expect.any(Number), rejected: 0 }],
      });
    }
    expect((await listEntries(mall)).map(({ status }) => status)).toEqual(spoilt.map(() => 'REPLAYED'));
    expect(await expectTruth(pipeline, mall, domainType)).toBe(40);
    expect(await readCoverage(mall)).toEqual([{ domain_type: domainType, is_covered: true, has_rejects: false }]);
  },
);

/** No value of the raw rows stands anywhere in the table, but for the keys that name the rows. */
async function expectMasked(
  { mallId }: PipelineMall,
  spoilt: readonly Record<string, unknown>[],
  entries: readonly Entry[],
): Promise<void> {
  for (const leaf of entries.flatMap(({ payload }) => listLeaves(payload))) {
    expect(NUMBER_SHAPES.has(leaf) || SHAPE.test(leaf), leaf).toBe(true);
  }
  const rows = await db.query<{ row: unknown }>(
    `select to_jsonb(e) - '{row_key,row_identity,first_seen_at,last_seen_at,window_bounds}'::text[] as row
     from mallsync.tb_batch_error_log as e where mall_id = $1`,
    [mallId],
  );
  const told = rows.flatMap(({ row }) => listLeaves(row)).join('\n');
  const values = new Set(spoilt.flatMap(listLeaves).filter((leaf) => leaf.length >= 5));
  expect(values.size).toBeGreaterThan(30);
  expect([...values, ...SPOILT_VALUES].filter((value) => told.includes(value))).toEqual([]);
}

test('a row given twice is stored once, logged as settled and not counted as rejected', async () => {
  const mall = await addMall({ membersPerDay: 60 });
  const rows = await readApiRows(pipeline, mall, 'MEMBER');
  const [inPage, across] = [String(rows[1]?.['member_id']), String(rows[2]?.['member_id'])];
  const repeat = { op: 'repeat', domainType: 'MEMBER' } as const;
  control.editRows(mall.cafe24MallId, { ...repeat, keys: [inPage], where: 'duplicate-in-page' });
  control.editRows(mall.cafe24MallId, { ...repeat, keys: [across], where: 'duplicate-across-pages' });

  const report = await run(mall, { pageSize: 20 });
  expect(report).toMatchObject({ status: 'COMPLETED', read: 62, inserted: 60, duplicate: 2, rejected: 0 });
  await expectTruth(pipeline, mall);
  expect(await listEntries(mall)).toMatchObject([
    { fingerprint: 'MEMBER:VALIDATE:DUPLICATE_ACROSS_PAGES:-', row_key: `1|${across}`, status: 'IGNORED' },
    { fingerprint: 'MEMBER:VALIDATE:DUPLICATE_IN_PAGE:-', row_key: `1|${inPage}`, status: 'IGNORED' },
  ]);
});

test('malls with one cause make one group, the same failure again is one entry, and an ignored one stays so', async () => {
  const malls = [await addMall({ membersPerDay: 20 }), await addMall({ membersPerDay: 20 })];
  const fingerprint = 'MEMBER:VALIDATE:BAD_NUMBER:total_points';
  for (const mall of malls) {
    control.editRows(mall.cafe24MallId, { op: 'poison', domainType: 'MEMBER', ...DAY, count: 2, kind: 'bad-amount' });
    expect(await run(mall)).toMatchObject({ status: 'COMPLETED_WITH_REJECTS', rejected: 2 });
  }
  const listGroups = async (): Promise<unknown> => {
    const { groups } = JSON.parse((await command(['errors', 'groups', '--json'])).stdout);
    return groups.filter((group: { fingerprint: string }) => group.fingerprint === fingerprint);
  };
  expect(await listGroups()).toMatchObject([{ fingerprint, entries: 4, malls: 2 }]);

  const [first = { mallId: 0, cafe24MallId: '' }] = malls;
  await run(first, { mode: 'REPROCESS' });
  expect((await listEntries(first)).map(({ times }) => times)).toEqual([2, 2]);

  const ignore = ['errors', 'ignore', '--json', '--fingerprint', fingerprint, '--reason', 'test accounts'];
  expect(JSON.parse((await command(ignore)).stdout)).toEqual({ fingerprint, ignored: 4 });
  await run(first, { mode: 'REPROCESS' });
  expect((await listEntries(first)).map(({ status }) => status)).toEqual(['IGNORED', 'IGNORED']);
  expect(await listGroups()).toEqual([]);
  expect(await readCoverage(first)).toMatchObject([{ is_covered: true, has_rejects: false }]);
});

test('what the database refuses though it was mapped well is found row by row, and the rest of the page is stored', async () => {
  const mall = await addMall({ membersPerDay: 50 });
  const rows = await readApiRows(pipeline, mall, 'MEMBER');
  const refused = rows.slice(10, 13).map((row) => String(row['member_id']));
  await db.query(
    `alter table mallsync.tb_member add constraint refuse check (mall_id <> ${mall.mallId}
       or member_id not in (${refused.map((id) => `'${id}'`).join(', ')}))`,
  );
  expect(await run(mall)).toMatchObject({ status: 'COMPLETED_WITH_REJECTS', inserted: 47, rejected: 3 });
  const entries = await listEntries(mall);
  expect(entries.map(({ row_key: key }) => key)).toEqual(refused.map((id) => `1|${id}`).toSorted());
  expect(new Set(entries.map((entry) => entry.fingerprint))).toEqual(new Set(['MEMBER:WRITE:DATABASE_REFUSED:refuse']));
  await db.query('alter table mallsync.tb_member drop constraint refuse');
  expect(await run(mall, { mode: 'REPLAY' })).toMatchObject({ status: 'COMPLETED', inserted: 3 });
  expect(await expectTruth(pipeline, mall)).toBe(50);
});

test('a replay of what is still spoilt leaves it open and says so', async () => {
  const mall = await addMall({ membersPerDay: 20 });
  control.editRows(mall.cafe24MallId, { op: 'poison', domainType: 'MEMBER', ...DAY, count: 2, kind: 'wrong-type' });
  await run(mall);
  expect(await run(mall, { mode: 'REPLAY' })).toMatchObject({ status: 'COMPLETED_WITH_REJECTS', rejected: 2 });
  expect(await listEntries(mall, 'OPEN')).toHaveLength(2);
});

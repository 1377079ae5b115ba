import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { RUN_SORTS, toCursorText } from '../../../src/adapters/postgres/read-models/run-cursor.ts';
import {
  listRunIds,
  listRuns,
  type RunFilter,
  type RunRow,
  type RunSort,
} from '../../../src/adapters/postgres/read-models/run-list.ts';
import { DOMAIN_TYPES } from '../../../src/domain/domain-type.ts';
import { EXECUTION_STATUSES, isLive, TRIGGERS } from '../../../src/domain/execution.ts';
import { parsePeriod } from '../../../src/domain/period.ts';
import { DAY_MS, toSeoulTime } from '../../../src/domain/seoul-time.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addInstance, addMall, addRun } from './ledger-rows.ts';

const testDatabase = await createTestDatabase();
let database: Database;
/** Every execution, as the database has it. */
let everything: readonly KnownRun[];

interface KnownRun extends RunRow {
  readonly requestedMicroseconds: number;
  readonly durationMs: number;
}

const HISTORY = `
  insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date)
  select mall_id, domain_type, tstzrange((day - back)::timestamp at time zone 'Asia/Seoul', (day + 1)::timestamp at time zone 'Asia/Seoul'),
    to_char(day - back, 'YYYY-MM-DD"T00:00:00"'),
    case when mall_id % 2 = 0 then to_char(day + 1, 'YYYY-MM-DD"T00:00:00"') else to_char(day, 'YYYY-MM-DD"T23:59:59"') end
  from (select date '2025-03-01' + n as day from generate_series(0, 39) n) as days
  cross join (values (1), (2), (3), (30)) as mall (mall_id)
  cross join (values ('MEMBER', 0), ('ORDER', 2)) as domain (domain_type, back)
  where hashint4(extract(doy from day)::integer * 31 + mall_id * 7 + back) % 3 <> 0`;

/** Attempts of each instance with equal times here and there, so that ties are met. */
const ATTEMPTS = `
  insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
    attempt_count, mode, reading, status, trigger, installation_id, mallsync_namespace, mallsync_name, job_name,
    requested_at, started_at, ended_at, read, failure_reason, failure_message)
  select instance_id, mall_id, domain_type, start_date, end_date, 1000, case when instance_id % 7 = 0 then attempts + 1 - attempt else attempt end,
    case when attempt > 1 and h % 3 = 0 then 'REPLAY' else 'RESUME' end, 1,
    case when attempt < attempts and status in ('REQUESTED', 'RUNNING', 'WAITING') then 'COMPLETED' else status end,
    (array['NIGHTLY', 'NIGHTLY', 'MANUAL', 'RERUN', 'BACKFILL', 'LOCAL'])[1 + h % 6], 'test',
    case when h % 4 > 0 then 'mallsync' end, case when h % 4 > 0 then case h % 2 when 0 then 'nightly_' else 'nightly-' end || lower(domain_type) || '-' || left(start_date, 10) end,
    case when h % 4 > 0 then 'ms-' || lower(domain_type) || '-' || mall_id || '-' || left(start_date, 10) || '-' || attempt end,
    upper(period) + (h % 5) * interval '1 minute' + attempt * interval '3.000001 hours',
    case when status <> 'REQUESTED' then upper(period) + interval '4 hours' end,
    case when attempt < attempts or status not in ('REQUESTED', 'RUNNING', 'WAITING') then upper(period) + interval '4 hours' + (h % 7) * interval '1 second' end,
    h % 11 * 100,
    case when status in ('FAILED', 'STOPPED', 'ABANDONED') then (array['AuthFailed', 'Lost', 'Bug'])[1 + h % 3] end,
    case when status in ('FAILED', 'STOPPED', 'ABANDONED') then (array['the token is over', 'its pod is gone', 'odd 100%_'])[1 + h % 3] end
  from (
    select *, (array['COMPLETED', 'COMPLETED', 'FAILED', 'FAILED', 'STOPPED', 'ABANDONED', 'COMPLETED_WITH_REJECTS', 'RUNNING', 'WAITING', 'REQUESTED'])[1 + h % 10] as status
    from (
      select instance.*, attempt, abs(hashint8(instance_id * 17 + attempt)) as h
      from (select *, 1 + instance_id % 3 as attempts from mallsync.tb_batch_job_instance) instance
      cross join lateral generate_series(1, attempts) attempt
    ) hashed
  ) as made
  where status not in ('REQUESTED', 'RUNNING', 'WAITING') or attempt = attempts
  order by hashint8(instance_id), attempt`;

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 2 });
  await addMall(testDatabase, 1, { name: '봄날 상점', cafe24_mall_id: 'spring' });
  await addMall(testDatabase, 2, { name: 'Blue 50%', cafe24_mall_id: 'bluebird' });
  await addMall(testDatabase, 3, { name: 'Third', cafe24_mall_id: 'third' });
  await testDatabase.query(HISTORY);
  await testDatabase.query(ATTEMPTS);
  // a higher attempt was asked for first
  const skipped = await addInstance(testDatabase, {
    mallId: 3,
    domainType: 'SALES',
    days: ['2025-03-20', '2025-03-21'],
  });
  const failure = { status: 'FAILED', failure_reason: 'Bug', failure_message: 'odd' };
  await addRun(testDatabase, skipped, { ...failure, attempt_count: 3 });
  await addRun(testDatabase, skipped, { attempt_count: 1 });
  const { rows } = await listRuns(database.pool, {}, { sort: 'newest', limit: 5_000 });
  const exact = await testDatabase.query<{ id: string; at: string; ms: string }>(
    `select execution_id as id, (extract(epoch from requested_at) * 1000000)::bigint as at,
       coalesce((extract(epoch from ended_at - started_at) * 1000)::bigint, -1) as ms from mallsync.tb_batch_execution_summary`,
  );
  const byId = new Map(exact.map((row) => [Number(row.id), row]));
  everything = rows.map((row) => ({
    ...row,
    requestedMicroseconds: Number(byId.get(row.executionId)?.at),
    durationMs: Number(byId.get(row.executionId)?.ms),
  }));
});

const hasFailed = ({ status }: RunRow) => ['FAILED', 'STOPPED', 'ABANDONED'].includes(status);

function isTakenUp(run: RunRow): boolean {
  return everything.some(
    (later) =>
      later.instanceId === run.instanceId &&
      later.executionId > run.executionId &&
      (run.mode === 'REPLAY' || later.mode !== 'REPLAY'),
  );
}

function matches(filter: RunFilter, run: KnownRun): boolean {
  const { statuses, domainTypes, mallIds, reasons, triggers, mallSync, period, night, unmended } = filter;
  const { requestedFromMs, requestedUntilMs } = filter;
  const { fromMs, untilMs } = parsePeriod(run.startDate, run.endDate);
  const dayMs = night === undefined ? 0 : Date.parse(`${night}T00:00:00+09:00`);
  const first = period?.startDate === undefined ? -Infinity : Date.parse(`${period.startDate}+09:00`);
  const last = period?.endDate === undefined ? Infinity : parsePeriod('2000-01-01T00:00:00', period.endDate).untilMs;
  return (
    (statuses?.includes(run.status) ?? true) &&
    (domainTypes?.includes(run.domainType) ?? true) &&
    (mallIds?.includes(run.mallId) ?? true) &&
    (reasons === undefined || (run.failureReason !== null && reasons.includes(run.failureReason))) &&
    (triggers?.includes(run.trigger) ?? true) &&
    (mallSync === undefined || (run.mallSyncName?.startsWith(mallSync) ?? false)) &&
    (unmended !== true || (hasFailed(run) && !isTakenUp(run))) &&
    (requestedFromMs === undefined || run.requestedMicroseconds >= requestedFromMs * 1_000) &&
    (requestedUntilMs === undefined || run.requestedMicroseconds < requestedUntilMs * 1_000) &&
    fromMs < last &&
    untilMs > first &&
    (night === undefined || (untilMs === dayMs + DAY_MS && fromMs <= dayMs))
  );
}

function toRank(run: RunRow): number {
  if (isLive(run.status)) return 1;
  if (run.status === 'COMPLETED_WITH_REJECTS') return 2;
  return hasFailed(run) && !isTakenUp(run) ? 0 : 3;
}

const VALUES: Readonly<Record<RunSort, (run: KnownRun) => readonly number[]>> = {
  newest: (run) => [-run.requestedMicroseconds],
  failedFirst: (run) => [toRank(run), -run.requestedMicroseconds],
  duration: (run) => [-run.durationMs],
  rows: (run) => [run.endedAtMs === null ? 1 : -run.counters.read],
  mall: (run) => [run.mallId],
};

function listExpected(filter: RunFilter, sort: RunSort): readonly number[] {
  const toValues = (run: KnownRun) => [...VALUES[sort](run), -run.executionId];
  const compare = (a: readonly number[], b: readonly number[]) =>
    a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
  return everything
    .filter((run) => matches(filter, run))
    .toSorted((a, b) => compare(toValues(a), toValues(b)))
    .map(({ executionId }) => executionId);
}

async function walk(filter: RunFilter, sort: RunSort, limit: number) {
  const forward: number[] = [];
  const pages: (readonly number[])[] = [];
  let cursor: string | null | undefined;
  let last: string | null = null;
  do {
    const page = await listRuns(database.pool, filter, { sort, limit, ...(cursor && { cursor }) });
    const ids = page.rows.map(({ executionId }) => executionId);
    pages.push(ids);
    forward.push(...ids);
    cursor = page.next;
    last = page.previous;
  } while (cursor !== null);
  const backward: (readonly number[])[] = [];
  let back: string | null = null;
  while (last !== null) {
    const page = await listRuns(database.pool, filter, { sort, limit, cursor: last });
    backward.unshift(page.rows.map(({ executionId }) => executionId));
    last = page.previous;
    back = page.next;
  }
  const second = back === null ? null : await listRuns(database.pool, filter, { sort, limit, cursor: back });
  return { forward, pages, backward, second: second?.rows.map(({ executionId }) => executionId) };
}

const some = <T>(values: readonly T[]) => fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined });
const day = fc.integer({ min: -3, max: 45 });
const toDay = (offset: number) => toSeoulTime(Date.parse('2025-03-01T00:00:00+09:00') + offset * DAY_MS);
const endOfDay = (offset: number) =>
  toSeoulTime(Date.parse('2025-03-01T00:00:00+09:00') + (offset + 1) * DAY_MS - 1_000);

const filters: fc.Arbitrary<RunFilter> = fc
  .record({
    statuses: some(EXECUTION_STATUSES),
    domainTypes: some(DOMAIN_TYPES),
    mallIds: some([1, 2, 3, 30, 99]),
    reasons: some(['AuthFailed', 'Lost', 'Bug', 'Evicted'] as const),
    triggers: some(TRIGGERS),
    mallSync: fc.constantFrom(undefined, undefined, 'nightly_', 'nightly_order-2025-03-1', 'nightlyXorder', 'n%'),
    period: fc.option(
      fc.record(
        {
          startDate: fc.oneof(day.map(toDay), day.map(endOfDay)),
          endDate: fc.oneof(day.map(toDay), day.map(endOfDay)),
        },
        { requiredKeys: [] },
      ),
      { nil: undefined },
    ),
    night: fc.option(
      day.map((offset) => toDay(offset).slice(0, 10)),
      { nil: undefined, freq: 8 },
    ),
    requestedFromMs: fc.option(
      day.map((offset) => Date.parse(`${toDay(offset)}+09:00`)),
      { nil: undefined, freq: 5 },
    ),
    requestedUntilMs: fc.option(
      day.map((offset) => Date.parse(`${toDay(offset)}+09:00`)),
      { nil: undefined, freq: 5 },
    ),
    unmended: fc.option(fc.boolean(), { nil: undefined, freq: 4 }),
  })
  .chain((all) => fc.subarray(Object.entries(all), { maxLength: 4 }))
  .map((entries) => Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as RunFilter);

describe('the list of runs', () => {
  it('holds every execution', async () => {
    const [row] = await testDatabase.query('select count(*)::int as count from mallsync.tb_batch_execution_summary');
    expect(everything).toHaveLength(Number(row?.['count']));
    expect(everything.length).toBeGreaterThan(300);
  });

  it.each(RUN_SORTS)('gives each match once and in order, page by page, there and back: %s', async (sort) => {
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 15, max: 90 }), async (filter, limit) => {
        const expected = listExpected(filter, sort);
        const { forward, pages, backward, second } = await walk(filter, sort, limit);
        expect(forward).toEqual(expected);
        expect(backward).toEqual(pages.slice(0, -1));
        expect(second).toEqual(pages[1]);
      }),
      {
        numRuns: 25,
        examples: [
          [{}, 50],
          [{ unmended: true }, 20],
          [{ statuses: ['FAILED', 'RUNNING'] }, 30],
        ],
      },
    );
  });

  it('says of each run whether a later one of its instance took it up', async () => {
    expect(everything.map(({ isMended }) => isMended)).toEqual(everything.map(isTakenUp));
    const skipped = everything.filter(({ domainType }) => domainType === 'SALES');
    expect(skipped.map(({ attemptCount, isMended }) => [attemptCount, isMended])).toEqual([
      [1, false],
      [3, true],
    ]);
  });

  it('names the mall, and leaves the name empty where it is not registered', () => {
    const names = new Map(everything.map(({ mallId, mallName, cafe24MallId }) => [mallId, [mallName, cafe24MallId]]));
    expect(names.get(2)).toEqual(['Blue 50%', 'bluebird']);
    expect(names.get(30)).toEqual(['', '']);
  });

  it('gives the ids of all that match, up to a limit', async () => {
    const filter: RunFilter = { domainTypes: ['ORDER'], unmended: true };
    const byNumber = (ids: readonly number[]) => ids.toSorted((a, b) => b - a);
    const expected = byNumber(listExpected(filter, 'newest'));
    expect(await listRunIds(database.pool, filter, 5_000)).toEqual(expected);
    const three = await listRunIds(database.pool, filter, 3);
    expect(three).toHaveLength(3);
    expect(expected).toEqual(expect.arrayContaining([...three]));
    const march: RunFilter = { period: { startDate: '2025-03-05T00:00:00', endDate: '2025-03-08T00:00:00' } };
    expect(await listRunIds(database.pool, march, 5_000)).toEqual(byNumber(listExpected(march, 'newest')));
    expect(await listRunIds(database.pool, march, 4)).toHaveLength(4);
    expect(await listRunIds(database.pool, { statuses: ['COMPLETED'], reasons: ['Bug'] }, 3)).toEqual([]);
  });

  it('keeps its pages apart when runs are added at the front', async () => {
    const order = { sort: 'newest', limit: 20 } as const;
    const first = await listRuns(database.pool, {}, order);
    const second = await listRuns(database.pool, {}, { ...order, cursor: first.next ?? '' });
    await testDatabase.query(`insert into mallsync.tb_batch_job_instance (instance_id, mall_id, domain_type, period, start_date, end_date)
      overriding system value values (9999, 1, 'SALES', '[2026-01-01,2026-01-02)', '2026-01-01T00:00:00', '2026-01-02T00:00:00')`);
    await testDatabase.query(`insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date,
      page_size, attempt_count, reading, status, trigger, installation_id) values (9999, 1, 'SALES', '2026-01-01T00:00:00',
      '2026-01-02T00:00:00', 1000, 1, 1, 'COMPLETED', 'MANUAL', 'test')`);
    const again = await listRuns(database.pool, {}, { ...order, cursor: first.next ?? '' });
    await testDatabase.query('delete from mallsync.tb_batch_execution_summary where instance_id = 9999');
    await testDatabase.query('delete from mallsync.tb_batch_job_instance where instance_id = 9999');
    expect(again.rows).toEqual(
      second.rows.map((row) => expect.objectContaining({ executionId: row.executionId }) as unknown),
    );
  });

  it.each(['', 'x', 'e30', toCursorText({ sort: 'rows', side: 'next', place: [1, 2] }), '{"sort":"newest"}'])(
    'refuses the cursor %j and names it',
    async (cursor) => {
      const work = listRuns(database.pool, {}, { sort: 'newest', limit: 5, cursor });
      await expect(work).rejects.toMatchObject({
        reason: 'ConfigInvalid',
        message: expect.stringMatching(/^cursor /) as unknown,
      });
    },
  );
});

describe('the search', () => {
  const find = async (search: string, filter: RunFilter = {}) =>
    (await listRuns(database.pool, { ...filter, search }, { sort: 'newest', limit: 5_000 })).rows;
  const listIds = (runs: readonly RunRow[]) => runs.map(({ executionId }) => executionId).toSorted((a, b) => a - b);
  const findIds = async (search: string) => listIds(await find(search));
  const listThose = (matching: (run: KnownRun) => boolean) => {
    const ids = listIds(everything.filter(matching));
    if (ids.length === 0) throw new Error('nothing matches, so nothing would be tried');
    return ids;
  };

  it('finds an execution, and a mall, by number', async () => {
    const found = await find('31');
    expect(listIds(found)).toEqual(listIds(everything.filter(({ executionId }) => executionId === 31)));
    expect(await find('999999999')).toEqual([]);
    expect(await findIds('3')).toEqual(listThose(({ executionId, mallId }) => executionId === 3 || mallId === 3));
  });

  it.each([
    ['봄날', 1],
    ['spring', 1],
    ['BLUEB', 2],
    ['50%', 2],
  ])('finds %j as part of a name of mall %i', async (search, mallId) => {
    expect(await findIds(search)).toEqual(listThose((run) => run.mallId === mallId));
  });

  it.each(['nightly_', 'nightly-order-2025-03-1'])('finds MallSyncs that begin with %j', async (search) => {
    expect(await findIds(search)).toEqual(listThose((run) => run.mallSyncName?.startsWith(search) ?? false));
  });

  it('takes no sign for a pattern', async () => {
    expect(await find('nightly%order')).toEqual([]);
    expect(await find('%')).toHaveLength(everything.filter(({ mallId }) => mallId === 2).length);
    expect(await find('a\\b')).toEqual([]);
    expect(await find("' or 1 = 1 --")).toEqual([]);
    expect(await find('\0')).toHaveLength(everything.length);
  });

  it('finds a Job by its name, how it begins, or the name of one of its pods', async () => {
    const job = everything.find(({ jobName, mallId }) => jobName !== null && mallId === 2)?.jobName ?? '';
    expect(await findIds(job)).toEqual(listThose(({ jobName }) => jobName === job));
    expect(await findIds(`${job}-x7k2p`)).toEqual(listThose(({ jobName }) => jobName === job));
    expect(await findIds('ms-member-2')).toEqual(
      listThose(({ jobName }) => jobName?.startsWith('ms-member-2-') ?? false),
    );
  });

  it('finds the word of a failure, and words of its message', async () => {
    expect(await findIds('authFAILED')).toEqual(listThose(({ failureReason }) => failureReason === 'AuthFailed'));
    expect(await findIds('gone pod')).toEqual(listThose(({ failureMessage }) => failureMessage === 'its pod is gone'));
    expect(await find('po')).toEqual([]);
  });

  it('narrows what the filter lets through', async () => {
    const found = await find('spring', { statuses: ['FAILED'], domainTypes: ['MEMBER'] });
    const expected = everything.filter(
      (run) => run.mallId === 1 && run.status === 'FAILED' && run.domainType === 'MEMBER',
    );
    expect(listIds(found)).toEqual(listIds(expected));
  });
});

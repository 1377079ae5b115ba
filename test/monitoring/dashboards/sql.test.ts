import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_VARIABLES, fillVariables, listPanelQueries } from '../../support/dashboard-queries.ts';
import { openDashboardRole } from '../../support/dashboard-role.ts';
import { openPipeline, type PipelineMall } from '../../support/pipeline.ts';

/** A day is read today: by a mall that is fine, one whose consent is lost and one with rows that cannot be stored. */
const pipeline = await openPipeline();
const { db } = pipeline;
const { client } = await openDashboardRole(db.url);
const QUERIES = listPanelQueries().filter(({ kind }) => kind === 'postgres');
const NAMED = QUERIES.map((query) => [`${query.dashboard}: ${query.panel}`, query] as const);
const DAY = '2025-12-01';
const toMs = Date.now() + 60_000;
const fromMs = Date.parse('2025-11-25T00:00:00+09:00');
let malls: Readonly<Record<'calm' | 'lost' | 'spoilt', PipelineMall>>;

type Row = Readonly<Record<string, unknown>>;

async function ask(
  expr: string,
  given: Readonly<Record<string, string | readonly string[]>>,
  range = { fromMs, toMs },
) {
  const variables = { ...DEFAULT_VARIABLES, schema: 'mallsync', ...given };
  return (await client.query<Row>(fillVariables(expr, { ...range, stepSeconds: 60, variables }))).rows;
}

function find(panel: string): string {
  const found = QUERIES.find((query) => query.panel === panel);
  if (found === undefined) throw new Error(`there is no panel ${panel}`);
  return found.expr;
}

beforeAll(async () => {
  const members = { domainTypes: ['MEMBER'] };
  malls = {
    calm: await pipeline.addMall({ membersPerDay: 20 }, members),
    lost: await pipeline.addMall({ consent: 'lost' }, members),
    spoilt: await pipeline.addMall(
      { membersPerDay: 60, poison: { members: { perDay: 3, kinds: ['bad-date', 'too-long'] } } },
      members,
    ),
  };
  await db.query(`update mallsync.tb_mall_config set created_at = '2025-11-28T12:00:00+09:00'`);
  for (const mall of Object.values(malls)) await pipeline.run(mall);
  // one more is asked for and has not begun
  const wish = { startDate: '2025-12-02T00:00:00', endDate: '2025-12-03T00:00:00' };
  await db.query(
    `with instance as (
       insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date)
       values ($1, 'MEMBER', '[2025-12-02 00:00+09,2025-12-03 00:00+09)', $2, $3) returning instance_id)
     insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
       attempt_count, reading, trigger, installation_id)
     select instance_id, $1, 'MEMBER', $2, $3, 1000, 1, 1, 'MANUAL', 'test' from instance`,
    [malls.spoilt.mallId, wish.startDate, wish.endDate],
  );
  await db.query(
    `with request as (
       insert into mallsync.tb_batch_retry_request (idempotency_key, kind, domain_type, start_date, end_date, requested_by)
       values ('click-1 MEMBER', 'RESUME', 'MEMBER', $2, $3, 'kim') returning request_id)
     insert into mallsync.tb_batch_retry_request_item (request_id, mall_id) select request_id, $1 from request`,
    [malls.lost.mallId, `${DAY}T00:00:00`, '2025-12-02T00:00:00'],
  );
});

describe.each(NAMED)('%s', (_name, { expr, panel, dashboard }) => {
  const mall = (): string => (dashboard === 'mallsync-runs' ? '' : String(malls.spoilt.mallId));

  it('has rows', async () => {
    expect((await ask(expr, { mall: mall() })).length).toBeGreaterThan(0);
  });

  it('has none of another time, but what is always of now', async () => {
    const hour = { fromMs: Date.parse('2024-05-01T00:00:00Z'), toMs: Date.parse('2024-05-01T01:00:00Z') };
    const rows = await ask(expr, { mall: mall() }, hour);
    const isOfNow = ['The mall', 'Rate budget', 'Runs under way', 'Retry requests'].includes(panel);
    expect(rows.length > 0).toBe(isOfNow);
  });

  it('has none of a mall that is not there', async () => {
    const rows = await ask(expr, { mall: '999999' });
    expect(rows.length > 0).toBe(['Runs by night', 'Retry requests'].includes(panel));
  });

  it('is no error while no mall is chosen', async () => {
    expect(Array.isArray(await ask(expr, { mall: '' }))).toBe(true);
  });
});

describe('what the panels say', () => {
  it('each day is complete, complete with rejects or missing, since the mall began', async () => {
    const range = { fromMs, toMs: Date.parse('2025-12-04T00:00:00+09:00') };
    const toDays = (rows: readonly Row[]) =>
      rows.map(({ time, value }) => [
        new Date((time as Date).getTime() + 9 * 3_600_000).toISOString().slice(0, 10),
        value,
      ]);
    const days = find('Days');
    expect(toDays(await ask(days, { mall: String(malls.lost.mallId) }, range))).toEqual([
      ['2025-11-28', 0],
      ['2025-11-29', 0],
      ['2025-11-30', 0],
      ['2025-12-01', 0],
      ['2025-12-02', 0],
      ['2025-12-03', 0],
    ]);
    // one with data begins with its first covered day
    const after = [
      ['2025-12-02', 0],
      ['2025-12-03', 0],
    ];
    expect(toDays(await ask(days, { mall: String(malls.calm.mallId) }, range))).toEqual([['2025-12-01', 1], ...after]);
    expect(toDays(await ask(days, { mall: String(malls.spoilt.mallId) }, range))).toEqual([
      ['2025-12-01', 2],
      ...after,
    ]);
  });

  it('a failed run is shown with its seven parameters and its reason', async () => {
    const rows = await ask(find('Failed runs'), { mall: '' });
    expect(rows).toEqual([
      expect.objectContaining({
        mall: String(malls.lost.mallId),
        domain: 'MEMBER',
        start: `${DAY}T00:00:00`,
        end: '2025-12-02T00:00:00',
        'page size': 100,
        attempt: 1,
        mode: 'RESUME',
        status: 'FAILED',
        reason: 'AuthFailed',
        'run again': false,
      }),
    ]);
    await pipeline.run(malls.lost);
    const again = await ask(find('Failed runs'), { mall: String(malls.lost.mallId) });
    expect(again.map((row) => row['run again'])).toEqual([false, true]);
  });

  it('runs by night are all runs, each by what became of it', async () => {
    const rows = await ask(find('Runs by night'), { mall: '' });
    const shown = new Map<unknown, number>();
    for (const { metric, value } of rows) shown.set(metric, (shown.get(metric) ?? 0) + Number(value));
    const stored = await db.query<{ status: string; runs: string }>(
      'select status, count(*) as runs from mallsync.tb_batch_execution_summary group by status',
    );
    expect(shown).toEqual(new Map(stored.map(({ status, runs }) => [status, Number(runs)])));
  });

  it('an error group has its entries and no value of a row', async () => {
    const rows = await ask(find('Error groups'), { mall: String(malls.spoilt.mallId) });
    const [stored] = await db.query<{ entries: string }>(
      'select count(*) as entries from mallsync.tb_batch_error_log where mall_id = $1',
      [malls.spoilt.mallId],
    );
    expect(rows.reduce((sum, { entries }) => sum + Number(entries), 0)).toBe(Number(stored?.entries));
    const keys = await db.query<{ row_key: string }>(
      'select row_key from mallsync.tb_batch_error_log where row_key is not null',
    );
    expect(keys.length).toBeGreaterThan(2);
    const text = JSON.stringify(rows);
    expect(keys.filter(({ row_key: key }) => text.includes(key.replace(/^.*\|/, '')))).toEqual([]);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import type { PageClient } from '../../support/page-world.ts';
import { rowsOf, toText } from '../page-text.ts';
import type { ActsWorld } from './acts-world.ts';
import { fieldOf, openActsWorld } from './acts-world.ts';

const MALLS = 500;
const DAYS = 10;

let world: ActsWorld;
let operator: PageClient;

/** As many runs as one click may take, all failed, of as many malls as a large night has. */
beforeAll(async () => {
  world = await openActsWorld();
  const { db } = world.pipeline;
  await db.query(
    `insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name)
     select n, 'mall-' || n, 'Mall ' || n from generate_series(1, ${MALLS}) as n`,
  );
  await db.query(
    `with day as (
       select to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS') as start_date,
         to_char(at + interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS') as end_date,
         tstzrange(at at time zone 'Asia/Seoul', (at + interval '1 day') at time zone 'Asia/Seoul') as period
       from generate_series(timestamp '2025-11-01', timestamp '2025-11-${DAYS}', interval '1 day') as at
     ), instance as (
       insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date)
       select mall_id, 'MEMBER', period, start_date, end_date from mallsync.tb_mall_config, day returning *
     )
     insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
       attempt_count, reading, status, trigger, installation_id, started_at, ended_at, failure_reason, failure_message)
     select instance_id, mall_id, domain_type, start_date, end_date, 500, 1, 1, 'FAILED', 'NIGHTLY', 'local', now(), now(),
       'UpstreamUnavailable', 'no answer' from instance`,
  );
  await db.query('analyze');
  operator = await world.page.signIn('otto');
}, 60_000);

function formOf(page: string): Record<string, string> {
  return Object.fromEntries(['key', 'mode', 'executions', 'pageSize'].map((name) => [name, fieldOf(page, name)]));
}

describe('a click on five thousand runs', () => {
  it('is previewed in figures that hold all of them, fifty shown', async () => {
    const page = (await operator.get('/runs/again?unmended=1')).text;
    expect(toText(page)).toContain(`to be started ${(MALLS * DAYS).toLocaleString('en-US')}`);
    expect(rowsOf(page, 'By domain and period')).toHaveLength(DAYS);
    expect(rowsOf(page, 'Mall by mall')).toHaveLength(50);
    expect(toText(page)).toContain('And 4,950 more');
  });

  it('is one request a domain type and period, and its page shows what needs a look', async () => {
    const form = formOf((await operator.get('/runs/again?unmended=1')).text);
    const [first, second] = await Promise.all([operator.post('/runs/again', form), operator.post('/runs/again', form)]);
    expect([first.status, second.status]).toEqual([303, 303]);
    const rows = await world.pipeline.db.query<{ items: number }>(
      'select count(*)::int as items from mallsync.tb_batch_retry_request_item group by request_id',
    );
    expect(rows.map(({ items }) => items)).toEqual(Array.from({ length: DAYS }, () => MALLS));
    const page = (await operator.get(first.location ?? '')).text;
    expect(toText(page)).toContain('0 of 5,000 ended');
    expect(rowsOf(page, 'Mall by mall')).toHaveLength(200);
  });

  it('is refused with one run more, before anything is written', async () => {
    await world.pipeline.db.query('truncate mallsync.tb_batch_retry_request cascade');
    const form = formOf((await operator.get('/runs/again?unmended=1')).text);
    await world.pipeline.db.query(
      `insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
         attempt_count, reading, status, trigger, installation_id, ended_at)
       select instance_id, mall_id, domain_type, start_date, end_date, 500, 2, 1, 'FAILED', 'RERUN', 'local', now()
       from mallsync.tb_batch_job_instance limit 1`,
    );
    const tooMany = await operator.get('/runs/again?status=FAILED');
    expect(tooMany.status).toBe(400);
    expect(toText(tooMany.text)).toContain('Field executions');
    const executions = Array.from({ length: MALLS * DAYS + 1 }, (_, index) => index + 1).join(',');
    expect((await operator.post('/runs/again', { ...form, executions })).status).toBe(400);
    expect(await world.pipeline.db.query('select from mallsync.tb_batch_retry_request')).toHaveLength(0);
  });
});

import { beforeAll, expect, test } from 'vitest';
import { readSqlBlock } from '../../support/document-sql.ts';
import { DAY, openPipeline } from '../../support/pipeline.ts';

const PAGE = 'from-spring-batch.md';
const pipeline = await openPipeline();
const { db, addMall, command, simulator } = pipeline;

const run = async (title: string) => db.query(await readSqlBlock(PAGE, title));

/** The old system's tables as the page's first block has them; times are local, without a zone. */
const OLD_SYSTEM = `
  create schema old_batch;
  create table old_batch.tb_member as select mall_id, shop_no, member_id, email, total_points,
    created_date at time zone 'Asia/Seoul' as created_date from mallsync.tb_member;
  create table old_batch.tb_order as select mall_id, shop_no, order_id, payment_amount,
    order_date at time zone 'Asia/Seoul' as order_date from mallsync.tb_order;
  create table old_batch.tb_sales_hourly as select mall_id, shop_no, collection_date, collection_hour, sales
    from mallsync.tb_sales_hourly`;

beforeAll(async () => {
  const malls = [];
  for (let n = 0; n < 2; n++) malls.push(await addMall({ membersPerDay: 60, ordersPerDay: 40 }));
  const poison = { op: 'poison', domainType: 'MEMBER', ...DAY, count: 1, kind: 'bad-amount' } as const;
  simulator.control.editRows(malls[1]?.cafe24MallId ?? '', poison);
  const period = ['--start', DAY.startDate, '--end', '2025-12-03T00:00:00'];
  const { exitCode, stderr } = await command(['run', '--json', '--threads', '1', ...period]);
  if (exitCode !== 0) throw new Error(stderr);
  await db.query(OLD_SYSTEM);
  await run('what the old system has: put your tables and columns here');
  await run('what mallsync has');
});

const DIFFERENCES = 'what differs in a month, by mall, domain type and day';

test('two systems that agree show no difference', async () => {
  expect(await run(DIFFERENCES)).toEqual([]);
  expect(await run('the rows of one mall, domain type and day')).toEqual([]);
});

test('each planted difference is found at its mall, domain type and day, and nothing else is', async () => {
  const [order] = await db.query<{ order_id: string }>(
    `select order_id from old_batch.tb_order where mall_id = 2 and order_date::date = '2025-12-02' order by 1 limit 1`,
  );
  const [member] = await db.query<{ key: string; email: string; member_id: string }>(
    `select shop_no || '|' || member_id as key, email, member_id from old_batch.tb_member
     where mall_id = 1 and created_date::date = '2025-12-01' order by created_date desc limit 1`,
  );
  await db.query('delete from old_batch.tb_order where mall_id = 2 and order_id = $1', [order?.order_id]);
  await db.query(`update old_batch.tb_member set email = 'other@example.com' where mall_id = 1 and member_id = $1`, [
    member?.member_id,
  ]);
  await db.query(`insert into old_batch.tb_sales_hourly values (1, 9, '2025-12-02', 7, 100)`);
  await db.query(`insert into old_batch.tb_member values (1, 1, 'ghost', 'g@example.com', 0, '2025-12-01 23:59:59')`);
  const block = (await readSqlBlock(PAGE, DIFFERENCES)).replace(';', '');
  const found = await db.query<{ row: unknown }>(`select to_jsonb(found) as row from (${block}) as found`);
  const none = { only_old: 0, only_new: 0, changed: 0 };
  expect(found.map(({ row }) => row)).toEqual([
    { mall_id: 1, domain_type: 'MEMBER', day: '2025-12-01', ...none, only_old: 1, changed: 1 },
    { mall_id: 1, domain_type: 'SALES', day: '2025-12-02', ...none, only_old: 1 },
    { mall_id: 2, domain_type: 'ORDER', day: '2025-12-02', ...none, only_new: 1 },
  ]);
  const rows = await run('the rows of one mall, domain type and day');
  expect(rows).toMatchObject(
    [
      { key: member?.key, old_content: expect.stringMatching(/^other@example.com\|/) },
      { key: '1|ghost', new_content: null },
    ].toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1)),
  );
});

test('rejected rows and days that were not read are listed', async () => {
  const found = await run('rows that mallsync rejected, and days that it has not read completely');
  const uncovered = found.filter(({ what }) => what === 'not covered');
  expect(found.filter((row) => !uncovered.includes(row))).toMatchObject([
    { what: 'rejected', mall_id: '2', domain_type: 'MEMBER', message: expect.any(String) },
  ]);
  expect(uncovered).toHaveLength(2 * 3 * 29);
  expect(uncovered[0]).toMatchObject({
    what: 'not covered',
    mall_id: '1',
    domain_type: 'MEMBER',
    detail: '2025-12-03',
  });
});

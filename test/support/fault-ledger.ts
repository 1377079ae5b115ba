import { expect } from 'vitest';
import { DAY, type FaultMall, type FaultWorld } from './fault-world.ts';
import { listGapsAndRepeats, listMiscounted, listWrongTotals } from './fault-journal.ts';

export interface ExecutionRow {
  readonly execution_id: string;
  readonly instance_id: string;
  readonly attempt_count: number;
  readonly status: string;
  readonly fence_token: number;
  readonly is_held: boolean;
  readonly last_reason: string | null;
  readonly exit_code: number | null;
  readonly failure_reason: string | null;
  readonly read: number;
  readonly inserted: number;
  readonly pages: number;
  readonly rejected: number;
  readonly duplicate: number;
}

/** The executions of a mall, the oldest first. */
export async function listExecutionRows({ query }: FaultWorld, mall: FaultMall): Promise<readonly ExecutionRow[]> {
  return await query<ExecutionRow & Record<string, unknown>>(
    `select execution_id, instance_id, attempt_count, status, fence_token::integer, last_reason, exit_code,
       failure_reason, coalesce(lease_until > clock_timestamp(), false) as is_held, read::integer, inserted::integer,
       pages::integer, rejected::integer, duplicate::integer
     from mallsync.tb_batch_execution_summary where mall_id = $1 order by execution_id`,
    [mall.mallId],
  );
}

export interface WindowRow {
  readonly n: number;
  readonly state: string;
  readonly next_offset: number;
  readonly rereads: number;
  readonly rows_seen: number;
}

export async function listWindowRows({ query }: FaultWorld, mall: FaultMall): Promise<readonly WindowRow[]> {
  return await query<WindowRow & Record<string, unknown>>(
    `select n, state, next_offset, rereads, rows_seen::integer from mallsync.tb_batch_window
     where mall_id = $1 order by instance_id, reading, n`,
    [mall.mallId],
  );
}

interface Sum {
  readonly count: number;
  readonly checksum: string;
}

/** The texts that the simulator's truth sums up, from the stored rows. */
const CANONICAL = {
  MEMBER: `select concat_ws('|', shop_no, member_id, email, round(total_points, 2)::text,
      extract(epoch from created_date)::bigint) as text
    from mallsync.tb_member where mall_id = $1 and missing_since is null`,
  ORDER: `select concat_ws('|', shop_no, order_id, round(payment_amount, 2)::text,
      extract(epoch from order_date)::bigint, (select count(*) from mallsync.tb_order_item as item
        where item.mall_id = o.mall_id and item.shop_no = o.shop_no and item.order_id = o.order_id)) as text
    from mallsync.tb_order as o where mall_id = $1 and missing_since is null`,
  SALES: `select concat_ws('|', shop_no, collection_date, lpad(collection_hour::text, 2, '0'), round(sales, 2)::text)
      as text
    from mallsync.tb_sales_hourly where mall_id = $1 and missing_since is null`,
} as const;

type DomainType = keyof typeof CANONICAL;

export async function sumStored(
  { query }: Pick<FaultWorld, 'query'>,
  mall: FaultMall,
  domainType: DomainType,
): Promise<Sum> {
  const [sum] = await query<Sum & Record<string, unknown>>(
    `select count(*)::integer as count,
       coalesce(sum(('x' || left(md5(text), 15))::bit(60)::bigint), 0)::text as checksum
     from (${CANONICAL[domainType]}) as canonical`,
    [mall.mallId],
  );
  return sum ?? { count: 0, checksum: '0' };
}

export interface TruthPeriod {
  readonly startDate: string;
  readonly endDate: string;
}

/** Sums are additive, so that adjacent periods of a mall can be compared together. */
export async function sumTruth(
  { simulator }: FaultWorld,
  mall: FaultMall,
  domainType: DomainType,
  periods: readonly TruthPeriod[],
): Promise<Sum & { readonly listed: number }> {
  const truths = await Promise.all(
    periods.map((period) => simulator.control.readTruth(mall.cafe24MallId, { domainType, ...period })),
  );
  return {
    count: truths.reduce((sum, truth) => sum + truth.count, 0),
    checksum: truths.reduce((sum, truth) => sum + BigInt(truth.checksum), 0n).toString(),
    listed: truths.reduce((sum, truth) => sum + truth.count + truth.poison.length + truth.repeats.length, 0),
  };
}

/** What is stored of the mall is what a perfect sync of the periods holds. */
export async function expectTruth(
  world: FaultWorld,
  mall: FaultMall,
  domainType: DomainType = 'MEMBER',
  periods: readonly TruthPeriod[] = [DAY],
): Promise<void> {
  const { count, checksum } = await sumTruth(world, mall, domainType, periods);
  expect(count).toBeGreaterThan(0);
  expect(await sumStored(world, mall, domainType)).toEqual({ count, checksum });
}

/** Every page of every execution was counted once, in its execution and in the totals. */
export async function expectPagesCountedOnce({ query }: FaultWorld): Promise<void> {
  expect(await listGapsAndRepeats(query)).toEqual([]);
  expect(await listMiscounted(query)).toEqual([]);
  expect(await listWrongTotals(query)).toEqual([]);
}

/** Fingerprints of all that a run of the mall may write, but for its lease, which its holder extends by the clock. */
export async function takeSnapshot({ query }: FaultWorld, { mallId }: FaultMall): Promise<unknown> {
  const instances = 'select instance_id from mallsync.tb_batch_job_instance where mall_id = $1';
  const sources = {
    executions: `select to_jsonb(e) - 'lease_until' as row from mallsync.tb_batch_execution_summary e where mall_id = $1`,
    instances: 'select to_jsonb(i) as row from mallsync.tb_batch_job_instance i where mall_id = $1',
    windows: 'select to_jsonb(w) as row from mallsync.tb_batch_window w where mall_id = $1',
    hashes: `select to_jsonb(p) as row from mallsync.tb_batch_window_page p where instance_id in (${instances})`,
    members: 'select to_jsonb(m) as row from mallsync.tb_member m where mall_id = $1',
    orders: 'select to_jsonb(o) as row from mallsync.tb_order o where mall_id = $1',
    items: 'select to_jsonb(i) as row from mallsync.tb_order_item i where mall_id = $1',
    errors: 'select to_jsonb(l) as row from mallsync.tb_batch_error_log l where mall_id = $1',
    coverage: 'select to_jsonb(c) as row from mallsync.tb_coverage c where mall_id = $1',
    totals: 'select to_jsonb(t) as row from mallsync.tb_metric_total t where $1::bigint is not null',
  };
  const parts = Object.entries(sources).map(
    ([name, source]) =>
      `select '${name}' as name, count(*)::integer as n, md5(coalesce(string_agg(row::text, ' ' order by row::text), ''))
         as digest from (${source}) as of_mall`,
  );
  return await query(parts.join(' union all '), [mallId]);
}

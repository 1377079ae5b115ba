import { expect } from 'vitest';
import type { DomainType } from '../../src/domain/domain-type.ts';
import type { SimulatorControl } from '../../src/simulator/control.ts';
import type { Pipeline, PipelineMall } from './pipeline.ts';
import { DAY } from './pipeline.ts';

export interface TruthPeriod {
  readonly startDate: string;
  readonly endDate: string;
}

/** A database and a simulator, wherever they run. */
export interface TruthWorld {
  readonly db: {
    query<Row extends Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  };
  readonly simulator: { readonly control: Pick<SimulatorControl, 'readTruth'> };
}

type TruthMall = Pick<PipelineMall, 'mallId' | 'cafe24MallId'>;

/** The texts that the simulator's truth sums up, from the stored rows, by the recipe that it documents. */
const CANONICAL: Readonly<Record<DomainType, string>> = {
  MEMBER: `select shop_no, concat_ws('|', shop_no, member_id, email, round(total_points, 2)::text,
      extract(epoch from created_date)::bigint) as text
    from mallsync.tb_member where mall_id = $1 and missing_since is null`,
  ORDER: `select shop_no, concat_ws('|', shop_no, order_id, round(payment_amount, 2)::text,
      extract(epoch from order_date)::bigint, (select count(*) from mallsync.tb_order_item as item
        where item.mall_id = o.mall_id and item.shop_no = o.shop_no and item.order_id = o.order_id
          and item.missing_since is null)) as text
    from mallsync.tb_order as o where mall_id = $1 and missing_since is null`,
  SALES: `select shop_no, concat_ws('|', shop_no, to_char(collection_date, 'YYYY-MM-DD'),
      lpad(collection_hour::text, 2, '0'), round(sales, 2)::text) as text
    from mallsync.tb_sales_hourly where mall_id = $1 and missing_since is null`,
};

interface ShopSum {
  readonly shopNo: number;
  readonly count: number;
  readonly checksum: string;
}

export async function sumStored(
  { db }: TruthWorld,
  { mallId }: Pick<TruthMall, 'mallId'>,
  domainType: DomainType,
): Promise<ShopSum[]> {
  return await db.query<ShopSum & Record<string, unknown>>(
    `select shop_no as "shopNo", count(*)::integer as count,
       sum(('x' || left(md5(text), 15))::bit(60)::bigint)::text as checksum
     from (${CANONICAL[domainType]}) as canonical group by shop_no order by shop_no`,
    [mallId],
  );
}

/** All that is stored of the mall is what a perfect sync of the period holds, shop by shop. */
export async function expectTruth(
  world: TruthWorld,
  mall: TruthMall,
  domainType: DomainType = 'MEMBER',
  period: TruthPeriod = DAY,
): Promise<number> {
  const { startDate, endDate } = period;
  const truth = await world.simulator.control.readTruth(mall.cafe24MallId, { domainType, startDate, endDate });
  const shops = truth.byShop.filter(({ count }) => count > 0);
  expect(shops.length).toBeGreaterThan(0);
  expect(await sumStored(world, mall, domainType)).toEqual(shops);
  return truth.count;
}

export async function readApiRows(
  { simulator }: Pick<Pipeline, 'simulator'>,
  { cafe24MallId }: PipelineMall,
  domainType: DomainType,
  period: TruthPeriod = DAY,
): Promise<Record<string, unknown>[]> {
  const { startDate, endDate } = period;
  return await Array.fromAsync(simulator.control.readRows(cafe24MallId, { domainType, startDate, endDate }));
}

import { createChecksumSum } from './checksum.ts';
import { formatDay, toDay, toEpochSeconds } from './korean-time.ts';
import type { TimeRange } from './list-query.ts';
import type { MallData, ShopData } from './mall-data.ts';
import { formatCents } from './order-profile.ts';
import type { PoisonKind } from './poison.ts';
import { WHOLE_ROW, type RowView } from './row-view.ts';
import type { ShopRows } from './shop-rows.ts';
import { chooseShops, readTruthRows, toTruthRange, type TruthQuery } from './truth-query.ts';

interface KeyedPoison {
  readonly shopNo: number;
  readonly key: string;
  readonly kind: PoisonKind;
}

interface ShopTruth {
  readonly shopNo: number;
  readonly count: number;
  readonly checksum: string;
}

/**
 * What the tables hold after a perfect sync of a period: sound rows only, each once.
 *
 * `checksum` is the sum, over the rows, of the first 15 hexadecimal digits of the MD5 of a text, its parts joined by `|`:
 *
 * - MEMBER: shop_no, member_id, email, total_points with two decimals, created_date in epoch seconds
 * - ORDER: shop_no, order_id, payment_amount with two decimals, order_date in epoch seconds, number of items
 * - SALES: shop_no, collection_date `YYYY-MM-DD`, collection_hour `HH`, sales with two decimals
 *
 * In SQL: `sum(('x' || left(md5(concat_ws('|', …)), 15))::bit(60)::bigint)`, with `round(amount, 2)::text` for decimals and
 * `extract(epoch from …)::bigint` for times.
 */
export interface Truth {
  readonly count: number;
  readonly checksum: string;
  readonly byShop: readonly ShopTruth[];
  /** Rows that the API gives and no table can take. */
  readonly poison: readonly KeyedPoison[];
  /** Sound rows, counted above, that the API gives twice. */
  readonly repeats: readonly KeyedPoison[];
}

interface ShopFindings extends ShopTruth {
  readonly sum: bigint;
  readonly poison: readonly KeyedPoison[];
  readonly repeats: readonly KeyedPoison[];
}

async function sumRows(rows: ShopRows, query: TruthQuery, range: TimeRange): Promise<ShopFindings> {
  const sum = createChecksumSum();
  const poison: KeyedPoison[] = [];
  const repeats: KeyedPoison[] = [];
  let count = 0;
  for await (const block of readTruthRows(rows, range, query.dateTypes)) {
    for (const { ref, repeat } of block) {
      const flaw = rows.flawOf(ref);
      if (repeat !== undefined) {
        repeats.push({ shopNo: rows.shopNo, key: rows.keyOf(ref), kind: repeat });
      } else if (flaw !== undefined) {
        poison.push({ shopNo: rows.shopNo, key: rows.keyOf(ref), kind: flaw });
      } else {
        sum.add(rows.toCanonicalText(ref));
        count++;
      }
    }
  }
  return { shopNo: rows.shopNo, count, checksum: sum.read().toString(), sum: sum.read(), poison, repeats };
}

function sumSales(shop: ShopData, range: TimeRange): ShopFindings {
  const sum = createChecksumSum();
  const { shopNo } = shop.settings;
  let count = 0;
  for (let day = toDay(range.start); day <= toDay(range.end); day++) {
    for (const [hour, cents] of shop.sales.salesOf(day, range.end).entries()) {
      const startsAt = toEpochSeconds(day, hour * 3600);
      if (startsAt < range.start || startsAt > range.end) continue;
      sum.add(`${shopNo}|${formatDay(day)}|${String(hour).padStart(2, '0')}|${formatCents(cents)}`);
      count++;
    }
  }
  return { shopNo, count, checksum: sum.read().toString(), sum: sum.read(), poison: [], repeats: [] };
}

async function findInShop(shop: ShopData, query: TruthQuery, range: TimeRange): Promise<ShopFindings> {
  if (query.domainType === 'SALES') return sumSales(shop, range);
  return sumRows(query.domainType === 'MEMBER' ? shop.members : shop.orders, query, range);
}

export async function readTruth(data: MallData, query: TruthQuery, nowMs: number): Promise<Truth> {
  const range = toTruthRange(query, nowMs);
  const shops: ShopFindings[] = [];
  for (const shop of chooseShops(data, query)) shops.push(await findInShop(shop, query, range));
  return {
    count: shops.reduce((sum, shop) => sum + shop.count, 0),
    checksum: shops.reduce((sum, shop) => sum + shop.sum, 0n).toString(),
    byShop: shops.map(({ shopNo, count, checksum }) => ({ shopNo, count, checksum })),
    poison: shops.flatMap((shop) => shop.poison),
    repeats: shops.flatMap((shop) => shop.repeats),
  };
}

const ORDER_WITH_ITEMS: RowView = { ...WHOLE_ROW, embed: ['items'] };

/** The rows behind the truth, as the API gives them; orders come with their items. */
export async function* readTruthObjects(
  data: MallData,
  query: TruthQuery,
  nowMs: number,
): AsyncGenerator<Record<string, unknown>> {
  const range = toTruthRange(query, nowMs);
  for (const shop of chooseShops(data, query)) {
    if (query.domainType === 'SALES') {
      yield* shop.sales.rows(toDay(range.start), toDay(range.end), undefined, range.end);
      continue;
    }
    const rows = query.domainType === 'MEMBER' ? shop.members : shop.orders;
    for await (const block of readTruthRows(rows, range, query.dateTypes)) {
      for (const { ref, repeat } of block) {
        if (repeat === undefined && rows.flawOf(ref) === undefined)
          yield rows.toObject(ref, query.domainType === 'ORDER' ? ORDER_WITH_ITEMS : WHOLE_ROW);
      }
    }
  }
}

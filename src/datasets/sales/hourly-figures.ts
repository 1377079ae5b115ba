import { isRawRow } from '../../adapters/postgres/copy-encoder.ts';
import { parseInstant } from '../../adapters/postgres/copy-instant.ts';
import type { RawRow } from '../../adapters/postgres/copy-shape.ts';
import type { TimeRange } from '../../domain/period.ts';
import { toSeoulTime } from '../../domain/seoul-time.ts';
import { DecimalSum } from './decimal-sum.ts';
import { SALES_SOURCE, SOURCE_PROPERTY } from './sales-table.ts';

const HOUR_MS = 3_600_000;
const DISCOUNTS = ['membership_discount_amount', 'set_product_discount_amount', 'app_discount_amount'] as const;

/** The sales of one hour, added up from orders. */
interface HourFigures {
  orders: number;
  items: number;
  readonly ordered: DecimalSum;
  readonly discounts: DecimalSum;
  readonly shipping: DecimalSum;
  readonly coupons: DecimalSum;
  readonly paid: DecimalSum;
  readonly kept: DecimalSum;
  readonly points: DecimalSum;
  readonly credits: DecimalSum;
}

/**
 * Hourly sales of one shop from its orders, each in the hour it was paid: what was paid at first is the actual order
 * amount, what is paid of it now the sales, the difference the refunds.
 */
export class HourlyFigures {
  readonly #hours = new Map<number, HourFigures>();
  readonly #seen = new Set<string>();

  constructor(range: TimeRange) {
    for (let hourMs = range.fromMs; hourMs < range.untilMs; hourMs += HOUR_MS) this.#hours.set(hourMs, createHour());
  }

  /** An order listed twice counts once. */
  add(order: unknown): void {
    if (!isRawRow(order)) return;
    const paidAt = order['payment_date'];
    const instant = typeof paidAt === 'string' ? parseInstant(paidAt) : Number.NaN;
    const hour = this.#hours.get(Math.floor(instant / HOUR_MS) * HOUR_MS);
    const orderId = String(order['order_id']);
    if (hour === undefined || this.#seen.has(orderId)) return;
    this.#seen.add(orderId);
    const initial = amountsOf(order, 'initial_order_amount');
    hour.orders += 1;
    hour.items += countItems(order['items']);
    hour.ordered.add(initial['order_price_amount']);
    for (const name of DISCOUNTS) hour.discounts.add(initial[name]);
    hour.shipping.add(initial['shipping_fee']);
    hour.coupons.add(initial['coupon_discount_price']);
    hour.points.add(initial['points_spent_amount']);
    hour.credits.add(initial['credits_spent_amount']);
    hour.paid.add(initial['payment_amount']);
    hour.kept.add(amountsOf(order, 'actual_order_amount')['payment_amount']);
  }

  /** In the form of the API's own hourly rows, earliest first. */
  toRows(shopNo: number): readonly RawRow[] {
    return Array.from(this.#hours, ([hourMs, hour]) => {
      const time = toSeoulTime(hourMs);
      return {
        shop_no: shopNo,
        collection_date: time.slice(0, 10),
        collection_hour: time.slice(11, 13),
        [SOURCE_PROPERTY]: SALES_SOURCE.orders,
        order_count: hour.orders,
        item_count: hour.items,
        order_price_amount: hour.ordered.toText(),
        order_sale_price: hour.discounts.toText(),
        shipping_fee: hour.shipping.toText(),
        coupon_discount_price: hour.coupons.toText(),
        actual_order_amount: hour.paid.toText(),
        refund_amount: hour.paid.subtract(hour.kept).toText(),
        sales: hour.kept.toText(),
        used_points: hour.points.toText(),
        used_credits: hour.credits.toText(),
      };
    });
  }
}

function createHour(): HourFigures {
  return {
    orders: 0,
    items: 0,
    ordered: new DecimalSum(),
    discounts: new DecimalSum(),
    shipping: new DecimalSum(),
    coupons: new DecimalSum(),
    paid: new DecimalSum(),
    kept: new DecimalSum(),
    points: new DecimalSum(),
    credits: new DecimalSum(),
  };
}

function amountsOf(order: RawRow, property: string): RawRow {
  const amounts = order[property];
  return isRawRow(amounts) ? amounts : {};
}

function countItems(items: unknown): number {
  if (!Array.isArray(items)) return 0;
  return items.reduce<number>((sum, item) => sum + (isRawRow(item) ? Number(item['quantity']) || 0 : 0), 0);
}

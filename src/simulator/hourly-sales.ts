import { createBoundedCache } from './bounded-cache.ts';
import { DAY_SECONDS, formatDay, toDay, toEpochSeconds, toSecondOfDay } from './korean-time.ts';
import { formatCents } from './order-profile.ts';
import type { OrderPayment } from './order-payments.ts';
import type { ShopRows } from './shop-rows.ts';
import { selectWindow } from './row-window.ts';

/** Sums of one shop's hour, in cents where they are money. */
interface HourSums {
  orders: number;
  items: number;
  price: number;
  discount: number;
  shippingFee: number;
  coupon: number;
  points: number;
  paid: number;
  refund: number;
}

export interface HourlySales {
  /** Rows of the API, newest hour first, of the days from `firstDay` to `lastDay`; orders after `now` are not in them. */
  rows(firstDay: number, lastDay: number, hour: number | undefined, now: number): Record<string, unknown>[];
  /** Net sales in cents by hour of the day. */
  salesOf(day: number, now: number): readonly number[];
  dailyRow(day: number, now: number): Record<string, unknown>;
}

function createSums(): HourSums {
  return { orders: 0, items: 0, price: 0, discount: 0, shippingFee: 0, coupon: 0, points: 0, paid: 0, refund: 0 };
}

function toRow(shopNo: number, day: number, hour: number, sums: HourSums): Record<string, unknown> {
  return {
    shop_no: shopNo,
    collection_date: formatDay(day),
    collection_hour: String(hour).padStart(2, '0'),
    order_count: sums.orders,
    item_count: sums.items,
    order_price_amount: formatCents(sums.price),
    order_sale_price: formatCents(sums.discount),
    shipping_fee: formatCents(sums.shippingFee),
    coupon_discount_price: formatCents(sums.coupon),
    actual_order_amount: formatCents(sums.paid),
    refund_amount: formatCents(sums.refund),
    sales: formatCents(sums.paid - sums.refund),
    used_points: formatCents(sums.points),
    used_credits: '0.00',
    used_naver_points: '0.00',
    used_naver_cash: '0.00',
    refund_points: '0.00',
    refund_credits: '0.00',
    refund_naver_points: '0.00',
    refund_naver_cash: '0.00',
  };
}

/**
 * Statistics of the paid orders by the hour they were paid in; a refund is dated back to that hour, so that
 * an hour's `sales` is the sum of `actual_order_amount.payment_amount` over the orders with that `payment_date`.
 */
export function createHourlySales(orders: ShopRows, paymentOf: (ref: number) => OrderPayment): HourlySales {
  const days = createBoundedCache<readonly HourSums[]>(2000);

  function sumDay(day: number, now: number): readonly HourSums[] {
    const hours = Array.from({ length: 24 }, createSums);
    const timeline = orders.timelineOf('pay_date');
    if (timeline === undefined) return hours;
    const end = Math.min(toEpochSeconds(day, DAY_SECONDS - 1), now);
    const window = selectWindow(timeline, toEpochSeconds(day, 0), end);
    for (const ref of new Set(window.page(0, window.size, 'asc'))) {
      const { profile, paidAt, initialCents, actualCents } = paymentOf(ref);
      const sums = hours[Math.floor(toSecondOfDay(paidAt ?? 0) / 3600)];
      if (sums === undefined) continue;
      sums.orders++;
      sums.items += profile.itemCount;
      sums.price += profile.initial.price;
      sums.discount += profile.initial.membership;
      sums.shippingFee += profile.initial.shippingFee;
      sums.coupon += profile.initial.coupon;
      sums.points += profile.initial.points;
      sums.paid += initialCents;
      sums.refund += initialCents - actualCents;
    }
    return hours;
  }

  function getDay(day: number, now: number): readonly HourSums[] {
    if (toDay(now) <= day) return sumDay(day, now);
    return days.getOrBuild(
      `${day}|${orders.store.edits.version}`,
      () => sumDay(day, now),
      () => 1,
    );
  }

  return {
    rows(firstDay, lastDay, hour, now) {
      const rows: Record<string, unknown>[] = [];
      for (let day = Math.min(lastDay, toDay(now)); day >= firstDay; day--) {
        const hours = getDay(day, now);
        for (let h = 23; h >= 0; h--) {
          const sums = hours[h];
          if (sums !== undefined && (hour === undefined || hour === h)) rows.push(toRow(orders.shopNo, day, h, sums));
        }
      }
      return rows;
    },
    salesOf: (day, now) => getDay(day, now).map((sums) => sums.paid - sums.refund),
    dailyRow(day, now) {
      const hours = getDay(day, now);
      const total = (of: (sums: HourSums) => number): number => hours.reduce((sum, hour) => sum + of(hour), 0);
      return {
        shop_no: orders.shopNo,
        date: formatDay(day),
        payment_amount: formatCents(total((sums) => sums.paid)),
        refund_amount: formatCents(total((sums) => sums.refund)),
        sales_count: total((sums) => sums.orders),
      };
    },
  };
}

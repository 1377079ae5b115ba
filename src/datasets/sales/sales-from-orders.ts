import type { Cafe24Client } from '../../adapters/cafe24/client.ts';
import { TransientError } from '../../domain/errors.ts';
import type { TimeRange } from '../../domain/period.ts';
import { splitEvery } from '../../domain/period.ts';
import { DAY_MS, startOfSeoulDay } from '../../domain/seoul-time.ts';
import type { WindowBounds } from '../../domain/window.ts';
import type { FetchedPage, PageSource } from '../../engine/page-source.ts';
import { splitWindow } from '../../engine/split-window.ts';
import { createOrderSource } from '../order/order-source.ts';
import { HourlyFigures } from './hourly-figures.ts';

const PAGE_ROWS = 1_000;
const FIELDS = ['shop_no', 'order_id', 'payment_date', 'initial_order_amount', 'actual_order_amount', 'items'] as const;

/** Answers windows of hourly sales with figures added up from the shop's paid orders. */
export interface SalesFromOrders {
  fetchPage(window: WindowBounds, offset: number, limit: number, signal: AbortSignal): Promise<FetchedPage>;
}

export function createSalesFromOrders(client: Cafe24Client): SalesFromOrders {
  const orders = createOrderSource({
    client,
    mall: { shopNos: null },
    settings: { orderDateTypes: ['pay_date'] },
    fields: FIELDS,
    wholePageEvery: Infinity,
  });
  // the hours of a window come from one look at its orders; only a page at offset 0 takes a new look
  const looks = new Map<string, Promise<FetchedPage>>();
  return {
    async fetchPage(window, offset, limit, signal) {
      const name = `${window.shopNo} ${window.fromMs} ${window.untilMs}`;
      const known = offset === 0 ? undefined : looks.get(name);
      const look = known ?? addUp(orders, window, signal);
      looks.set(name, look);
      const whole = await look.catch((error: unknown) => {
        looks.delete(name);
        throw error;
      });
      if (offset >= whole.rows.length) looks.delete(name);
      return { ...whole, rows: whole.rows.slice(offset, offset + limit), bytes: offset === 0 ? whole.bytes : 0 };
    },
  };
}

async function addUp(orders: PageSource, window: WindowBounds, signal: AbortSignal): Promise<FetchedPage> {
  const days = toWholeDays(window);
  const figures = new HourlyFigures(days);
  let observedAtMs = Infinity;
  let bytes = 0;
  for (const day of splitEvery(days, DAY_MS, days.fromMs)) {
    for await (const page of readOrders(orders, { ...window, ...day, dateType: 'pay_date' }, signal)) {
      for (const order of page.rows) figures.add(order);
      observedAtMs = Math.min(observedAtMs, page.observedAtMs);
      bytes += page.bytes;
    }
  }
  return { rows: figures.toRows(window.shopNo), observedAtMs, bytes };
}

/**
 * Every order of a window once, in pages; at least one page, empty where there are no orders.
 * @throws TransientError when the API's count and its pages disagree: half the orders would pass for all of them
 */
async function* readOrders(
  orders: PageSource,
  window: WindowBounds,
  signal: AbortSignal,
): AsyncGenerator<FetchedPage, void, void> {
  const count = (await orders.countRows(window, signal)) ?? 0;
  const parts = splitWindow(window, count, orders.windowCeiling);
  for (const part of parts) yield* readOrders(orders, part, signal);
  if (parts.length > 0) return;
  let offset = 0;
  do {
    const page = await orders.fetchPage(window, offset, PAGE_ROWS, signal);
    offset += page.rows.length;
    yield page;
    if (page.rows.length === 0) break;
  } while (offset < count && offset <= orders.maxOffset);
  if (offset !== count) {
    throw new TransientError('UpstreamUnavailable', `the API counts ${count} paid orders and lists ${offset}`);
  }
}

function toWholeDays(window: TimeRange): TimeRange {
  const lastDayMs = startOfSeoulDay(window.untilMs - 1);
  return { fromMs: startOfSeoulDay(window.fromMs), untilMs: lastDayMs + DAY_MS };
}

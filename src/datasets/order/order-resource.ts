import { DAY_MS } from '../../domain/seoul-time.ts';
import type { ListResource } from '../../adapters/cafe24/list-resource.ts';
import { listFields } from '../../adapters/postgres/table.ts';
import { buildBucket, toTimeBounds } from '../query-dates.ts';
import { orderTable } from './order-table.ts';

/** A change of an order shows only in the date of its kind: there is no date of the last change. */
export const ORDER_DATE_TYPES = [
  'order_date',
  'pay_date',
  'shipbegin_date',
  'shipend_date',
  'cancel_date',
  'place_date',
  'cancel_request_date',
  'cancel_accept_date',
  'cancel_complete_date',
  'exchange_request_date',
  'exchange_accept_date',
  'exchange_complete_date',
  'return_request_date',
  'return_accept_date',
  'return_complete_date',
  'purchaseconfirmation_date',
] as const;

const ITEMS = { embed: 'items' } as const;

/** Orders with their items. Buyers and receivers are not asked for: nothing of them is stored. */
export function buildOrderResource(dateTypes: readonly string[]): ListResource {
  return {
    path: 'orders',
    rowsKey: 'orders',
    bucket: buildBucket('orders'),
    count: { path: 'orders/count', bucket: buildBucket('orders/count') },
    maxLimit: 1_000,
    maxOffset: 15_000,
    windowCeiling: 15_000,
    longestRangeMs: 31 * DAY_MS,
    dateTypes,
    fields: [...listFields(orderTable), 'items'],
    toQuery: (window) => ({ shop_no: String(window.shopNo), date_type: window.dateType, ...toTimeBounds(window) }),
    byKeys: {
      maxKeys: 100,
      toQuery: (shopNo, ids) => ({ shop_no: String(shopNo), order_id: ids.join(','), ...ITEMS }),
    },
  };
}

/** The same for calls that list: a count takes no embedded parts. */
export function withItems(resource: ListResource): ListResource {
  return { ...resource, toQuery: (window) => ({ ...resource.toQuery(window), ...ITEMS }) };
}

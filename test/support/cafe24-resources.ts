import { DAY_MS, toSeoulTime } from '../../src/domain/seoul-time.ts';
import type { WindowBounds } from '../../src/domain/window.ts';
import type { ListResource } from '../../src/adapters/cafe24/list-resource.ts';

/** API bounds are inclusive, a window's upper end is not. */
function toDates(window: WindowBounds): Readonly<Record<string, string>> {
  return {
    shop_no: String(window.shopNo),
    date_type: window.dateType,
    start_date: toSeoulTime(window.fromMs).replace('T', ' '),
    end_date: toSeoulTime(window.untilMs - 1_000).replace('T', ' '),
  };
}

const bucketOf = (endpoint: string) => ({ endpoint, size: 40, leakPerSecond: 2 });

/** Members with few fields: enough to page and count, independent of the columns that are stored. */
export const MEMBERS: ListResource = {
  path: 'customersprivacy',
  rowsKey: 'customersprivacy',
  bucket: bucketOf('customersprivacy'),
  count: { path: 'customersprivacy/count', bucket: bucketOf('customersprivacy/count') },
  maxLimit: 1_000,
  maxOffset: 8_000,
  windowCeiling: 8_000,
  longestRangeMs: 90 * DAY_MS,
  dateTypes: ['join'],
  fields: ['shop_no', 'member_id', 'created_date'],
  toQuery: toDates,
  byKeys: {
    maxKeys: 20,
    toQuery: (shopNo, ids) => ({ shop_no: String(shopNo), member_id: ids.join(',') }),
  },
};

export const ORDERS: ListResource = {
  ...MEMBERS,
  path: 'orders',
  rowsKey: 'orders',
  bucket: bucketOf('orders'),
  count: { path: 'orders/count', bucket: bucketOf('orders/count') },
  maxOffset: 15_000,
  windowCeiling: 15_000,
  dateTypes: ['order_date'],
  fields: ['shop_no', 'order_id'],
  byKeys: {
    maxKeys: 100,
    toQuery: (shopNo, ids) => ({ shop_no: String(shopNo), order_id: ids.join(',') }),
  },
};

export const HOURLY_SALES: ListResource = {
  path: 'reports/hourlysales',
  rowsKey: 'hourlysales',
  bucket: bucketOf('reports/hourlysales'),
  count: null,
  maxLimit: 1_000,
  maxOffset: 10_000,
  windowCeiling: 10_000,
  longestRangeMs: 31 * DAY_MS,
  dateTypes: ['collection_date'],
  fields: [],
  toQuery: (window) => ({
    shop_no: String(window.shopNo),
    start_date: toSeoulTime(window.fromMs).slice(0, 10),
    end_date: toSeoulTime(window.untilMs - 1_000).slice(0, 10),
  }),
  byKeys: null,
};

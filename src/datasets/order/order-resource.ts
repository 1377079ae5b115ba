import type { ListResource } from '../../adapters/cafe24/list-resource.ts';
import { listFields } from '../../adapters/postgres/table.ts';
import { DAY_MS } from '../../domain/seoul-time.ts';
import { buildBucket, toTimeQuery } from '../admin-query.ts';
import type { MallSettings } from '../mall-settings.ts';
import { orderTable } from './order-table.ts';

/** Buyers and receivers are not asked for: their addresses are nobody's business here. */
const EMBED = { embed: 'items' } as const;

export function buildOrderResource(settings: Pick<MallSettings, 'orderDateTypes'>): ListResource {
  return {
    path: 'orders',
    rowsKey: 'orders',
    bucket: buildBucket('orders'),
    count: { path: 'orders/count', bucket: buildBucket('orders/count') },
    maxLimit: 1_000,
    maxOffset: 15_000,
    windowCeiling: 15_000,
    longestRangeMs: 31 * DAY_MS,
    dateTypes: settings.orderDateTypes,
    fields: [...listFields(orderTable), 'items'],
    toQuery: toTimeQuery,
    byKeys: {
      maxKeys: 100,
      toQuery: (shopNo, ids) => ({ shop_no: String(shopNo), order_id: ids.join(','), ...EMBED }),
    },
  };
}

/** The same for calls that list: a count takes no embedded parts. */
export function withItems(resource: ListResource): ListResource {
  return { ...resource, toQuery: (window) => ({ ...resource.toQuery(window), ...EMBED }) };
}

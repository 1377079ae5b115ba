import { DAY_MS } from '../../domain/seoul-time.ts';
import type { ListResource } from '../../adapters/cafe24/list-resource.ts';
import { listFields } from '../../adapters/postgres/table.ts';
import { buildBucket, toDayBounds } from '../query-dates.ts';
import { salesTable } from './sales-table.ts';

/** Hourly figures by whole days; the API has no count of them. */
export const salesResource: ListResource = {
  path: 'reports/hourlysales',
  rowsKey: 'hourlysales',
  bucket: buildBucket('reports/hourlysales'),
  count: null,
  maxLimit: 1_000,
  maxOffset: 10_000,
  windowCeiling: 10_000,
  longestRangeMs: 31 * DAY_MS,
  dateTypes: ['collection_date'],
  fields: listFields(salesTable),
  toQuery: (window) => ({ shop_no: String(window.shopNo), ...toDayBounds(window) }),
  byKeys: null,
};

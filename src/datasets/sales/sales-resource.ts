import type { ListResource } from '../../adapters/cafe24/list-resource.ts';
import { listFields } from '../../adapters/postgres/table.ts';
import { DAY_MS } from '../../domain/seoul-time.ts';
import { buildBucket, toDayQuery } from '../admin-query.ts';
import { salesTable } from './sales-table.ts';

/** The hours of a shop: the API has no count of them, so two reads that agree stand for one. */
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
  toQuery: toDayQuery,
  byKeys: null,
};

import { DAY_MS } from '../../domain/seoul-time.ts';
import type { ListResource } from '../../adapters/cafe24/list-resource.ts';
import { listFields } from '../../adapters/postgres/table.ts';
import { buildBucket, toPlainTimeBounds } from '../query-dates.ts';
import { memberTable } from './member-table.ts';

export const MEMBER_DATE_TYPES = ['join', 'login'] as const;

/** Members by join date, and by the other date types that the mall's settings name. */
export function buildMemberResource(dateTypes: readonly string[]): ListResource {
  return {
    path: 'customersprivacy',
    rowsKey: 'customersprivacy',
    bucket: buildBucket('customersprivacy'),
    count: { path: 'customersprivacy/count', bucket: buildBucket('customersprivacy/count') },
    maxLimit: 1_000,
    maxOffset: 8_000,
    windowCeiling: 8_000,
    longestRangeMs: 90 * DAY_MS,
    dateTypes,
    fields: listFields(memberTable),
    toQuery: (window) => ({
      shop_no: String(window.shopNo),
      date_type: window.dateType,
      ...toPlainTimeBounds(window),
    }),
    byKeys: { maxKeys: 20, toQuery: (shopNo, ids) => ({ shop_no: String(shopNo), member_id: ids.join(',') }) },
  };
}

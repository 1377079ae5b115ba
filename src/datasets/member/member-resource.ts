import type { ListResource } from '../../adapters/cafe24/list-resource.ts';
import { listFields } from '../../adapters/postgres/table.ts';
import { DAY_MS } from '../../domain/seoul-time.ts';
import { buildBucket, toTimeQuery } from '../admin-query.ts';
import type { MallSettings } from '../mall-settings.ts';
import { memberTable } from './member-table.ts';

export function buildMemberResource(settings: Pick<MallSettings, 'memberDateTypes'>): ListResource {
  return {
    path: 'customersprivacy',
    rowsKey: 'customersprivacy',
    bucket: buildBucket('customersprivacy'),
    count: { path: 'customersprivacy/count', bucket: buildBucket('customersprivacy/count') },
    maxLimit: 1_000,
    maxOffset: 8_000,
    windowCeiling: 8_000,
    longestRangeMs: 366 * DAY_MS,
    dateTypes: settings.memberDateTypes,
    fields: listFields(memberTable),
    toQuery: toTimeQuery,
    byKeys: {
      maxKeys: 20,
      toQuery: (shopNo, ids) => ({ shop_no: String(shopNo), member_id: ids.join(',') }),
    },
  };
}

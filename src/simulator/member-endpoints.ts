import { buildCountAnswer, clipToNow, findShop, type EndpointCall } from './endpoint-call.ts';
import { buildApiError, buildPageAnswer, buildJsonAnswer, type HttpAnswer } from './http-answer.ts';
import {
  parseFields,
  parsePage,
  parseRange,
  parseTime,
  parseValues,
  refuseUnsimulated,
  refuseValue,
} from './list-query.ts';
import { selectWindow, type RowWindow } from './row-window.ts';
import type { ShopRows } from './shop-rows.ts';

const BOUNDS = { defaultLimit: 30, maxLimit: 1000, maxOffset: 8000 };
const FILTERS = [
  'shop_no',
  'search_type',
  'created_start_date',
  'date_type',
  'start_date',
  'end_date',
  'member_id',
  'member_authority',
];
const COUNT_PARAMETERS = new Set(FILTERS);
const LIST_PARAMETERS = new Set([...FILTERS, 'limit', 'offset', 'fields']);
const DETAIL_PARAMETERS = new Set(['shop_no', 'fields']);
const CREATED_DATE_COMPANIONS = new Set(['shop_no', 'search_type', 'created_start_date', 'limit', 'fields']);
const NO_ROWS: RowWindow = { count: 0, size: 0, page: () => [] };

/** `search_type=created_date` walks all members from a date on and bears no other condition. */
function selectFromDate(call: EndpointCall, members: ShopRows): RowWindow {
  for (const parameter of call.query.keys()) {
    if (!CREATED_DATE_COMPANIONS.has(parameter)) refuseValue(parameter);
  }
  const start = parseTime(call.query, 'created_start_date', false);
  const timeline = members.timelineOf(members.ownDateType);
  if (timeline === undefined) return NO_ROWS;
  const range = clipToNow(call, start === undefined ? undefined : { start, end: Infinity });
  return selectWindow(timeline, range.start, range.end);
}

function selectByIds(members: ShopRows, ids: readonly string[]): RowWindow {
  const refs = [...new Set(ids)].flatMap((id) => members.refOf(id) ?? []);
  return { count: refs.length, size: refs.length, page: (offset, limit) => refs.slice(offset, offset + limit) };
}

function selectMembers(call: EndpointCall): { readonly members: ShopRows; readonly window: RowWindow } {
  const { members } = findShop(call);
  const searchType = call.query.get('search_type') ?? 'customer_info';
  if (searchType === 'created_date') return { members, window: selectFromDate(call, members) };
  if (searchType !== 'customer_info') refuseValue('search_type');
  const range = parseRange(call.query);
  const timeline = members.timelineOf(call.query.get('date_type') ?? members.ownDateType) ?? refuseValue('date_type');
  if ((call.query.get('member_authority') ?? 'C') !== 'C') return { members, window: NO_ROWS };
  const ids = parseValues(call.query, 'member_id');
  if (ids !== undefined) return { members, window: selectByIds(members, ids) };
  const { start, end } = clipToNow(call, range);
  return { members, window: selectWindow(timeline, start, end) };
}

export function listMembers(call: EndpointCall): HttpAnswer {
  refuseUnsimulated(call.query, LIST_PARAMETERS);
  const page = parsePage(call.query, BOUNDS);
  const { members, window } = selectMembers(call);
  const { limitCap, order } = call.mall.behaviour;
  const walked = call.query.get('search_type') === 'created_date' ? 'asc' : order.members;
  const refs = window.page(page.offset, Math.min(page.limit, limitCap.members ?? page.limit), walked);
  const view = { fields: parseFields(call.query), embed: [], isDetail: false };
  return buildPageAnswer(members.render('{"customersprivacy":[', refs, view, ']}'));
}

export function countMembers(call: EndpointCall): HttpAnswer {
  refuseUnsimulated(call.query, COUNT_PARAMETERS);
  return buildCountAnswer(selectMembers(call).window.count);
}

export function showMember(call: EndpointCall): HttpAnswer {
  refuseUnsimulated(call.query, DETAIL_PARAMETERS);
  const { members } = findShop(call);
  const ref = members.refOf(call.id);
  if (ref === undefined) return buildApiError(404, 'No API found or the member does not exist.');
  const view = { fields: parseFields(call.query), embed: [], isDetail: true };
  return buildJsonAnswer(200, { customersprivacy: members.toObject(ref, view) });
}

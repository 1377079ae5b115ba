import { buildCountAnswer, buildNextLinks, clipToNow, findShop, type EndpointCall } from './endpoint-call.ts';
import { buildApiError, buildPageAnswer, buildJsonAnswer, type HttpAnswer } from './http-answer.ts';
import { addMonths } from './korean-time.ts';
import {
  parseEmbed,
  parseFields,
  parsePage,
  parseRange,
  parseValues,
  refuseUnsimulated,
  refuseValue,
  requireUnderMonths,
} from './list-query.ts';
import { DETAIL_EMBEDS, LIST_EMBEDS } from './order-embeds.ts';
import { selectWindow, type RowWindow } from './row-window.ts';
import type { ShopRows } from './shop-rows.ts';

const BOUNDS = { defaultLimit: 10, maxLimit: 1000, maxOffset: 15_000 };
const LONGEST_RANGE_MONTHS = 3;
const FILTERS = ['shop_no', 'start_date', 'end_date', 'date_type', 'order_id'];
const COUNT_PARAMETERS = new Set(FILTERS);
const LIST_PARAMETERS = new Set([...FILTERS, 'limit', 'offset', 'fields', 'embed']);
const DETAIL_PARAMETERS = new Set(['shop_no', 'fields', 'embed']);

function selectByIds(orders: ShopRows, ids: readonly string[]): RowWindow {
  const refs = [...new Set(ids)].flatMap((id) => orders.refOf(id) ?? []);
  return { count: refs.length, size: refs.length, page: (offset, limit) => refs.slice(offset, offset + limit) };
}

/** Without any date the last three months are searched. */
function selectOrders(call: EndpointCall): { readonly orders: ShopRows; readonly window: RowWindow } {
  const { orders } = findShop(call);
  const range = parseRange(call.query);
  if (range !== undefined) requireUnderMonths(range, LONGEST_RANGE_MONTHS);
  const timeline = orders.timelineOf(call.query.get('date_type') ?? orders.ownDateType) ?? refuseValue('date_type');
  const ids = parseValues(call.query, 'order_id');
  if (ids !== undefined) return { orders, window: selectByIds(orders, ids) };
  const now = Math.floor(call.nowMs / 1000);
  const { start, end } = clipToNow(call, range ?? { start: addMonths(now, -LONGEST_RANGE_MONTHS), end: now });
  return { orders, window: selectWindow(timeline, start, end) };
}

export function listOrders(call: EndpointCall): HttpAnswer {
  refuseUnsimulated(call.query, LIST_PARAMETERS);
  const page = parsePage(call.query, BOUNDS);
  const view = { fields: parseFields(call.query), embed: parseEmbed(call.query, LIST_EMBEDS), isDetail: false };
  const { orders, window } = selectOrders(call);
  const { limitCap, order } = call.mall.behaviour;
  const refs = window.page(page.offset, Math.min(page.limit, limitCap.orders ?? page.limit), order.orders);
  const links = JSON.stringify(buildNextLinks(call, page, refs.length, window.size));
  return buildPageAnswer(orders.render('{"orders":[', refs, view, `],"links":${links}}`));
}

export function countOrders(call: EndpointCall): HttpAnswer {
  refuseUnsimulated(call.query, COUNT_PARAMETERS);
  return buildCountAnswer(selectOrders(call).window.count);
}

export function showOrder(call: EndpointCall): HttpAnswer {
  refuseUnsimulated(call.query, DETAIL_PARAMETERS);
  const { orders } = findShop(call);
  const ref = orders.refOf(call.id);
  if (ref === undefined) return buildApiError(404, 'No API found or the order does not exist.');
  const view = { fields: parseFields(call.query), embed: parseEmbed(call.query, DETAIL_EMBEDS), isDetail: true };
  return buildJsonAnswer(200, { order: orders.toObject(ref, view) });
}

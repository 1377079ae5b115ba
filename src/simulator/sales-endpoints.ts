import { buildNextLinks, findShop, type EndpointCall } from './endpoint-call.ts';
import { buildJsonAnswer, type HttpAnswer } from './http-answer.ts';
import { toDay } from './korean-time.ts';
import { parseFields, parsePage, parseRequiredRange, refuseUnsimulated, refuseValue } from './list-query.ts';
import { keepFields } from './row-view.ts';

const BOUNDS = { defaultLimit: 744, maxLimit: 1000, maxOffset: 10_000 };
const HOURLY_PARAMETERS = new Set([
  'shop_no',
  'start_date',
  'end_date',
  'collection_hour',
  'limit',
  'offset',
  'fields',
]);
const DAILY_PARAMETERS = new Set([
  'start_date',
  'end_date',
  'payment_gateway_name',
  'partner_id',
  'payment_method',
  'fields',
]);

function parseHour(query: URLSearchParams): number | undefined {
  const text = query.get('collection_hour');
  if (text === null || text === '') return undefined;
  return /^([01]\d|2[0-3])$/.test(text) ? Number(text) : refuseValue('collection_hour');
}

export function listHourlySales(call: EndpointCall): HttpAnswer {
  refuseUnsimulated(call.query, HOURLY_PARAMETERS);
  const page = parsePage(call.query, BOUNDS);
  const range = parseRequiredRange(call.query);
  const hour = parseHour(call.query);
  const { sales } = findShop(call);
  const { limitCap, order } = call.mall.behaviour;
  const now = Math.floor(call.nowMs / 1000);
  const all = sales.rows(toDay(range.start), toDay(range.end), hour, now);
  if (order.sales === 'asc') all.reverse();
  const rows = all.slice(page.offset, page.offset + Math.min(page.limit, limitCap.sales ?? page.limit));
  const view = { fields: parseFields(call.query), embed: [], isDetail: false };
  const links = buildNextLinks(call, page, rows.length, all.length);
  return buildJsonAnswer(200, { hourlysales: rows.map((row) => keepFields(row, view)), links });
}

export function listDailySales(call: EndpointCall): HttpAnswer {
  refuseUnsimulated(call.query, DAILY_PARAMETERS);
  const range = parseRequiredRange(call.query);
  const now = Math.floor(call.nowMs / 1000);
  const rows: unknown[] = [];
  for (let day = toDay(Math.min(range.end, now)); day >= toDay(range.start); day--) {
    for (const shop of call.mall.data.shops) rows.push(shop.sales.dailyRow(day, now));
  }
  return buildJsonAnswer(200, { dailysales: rows });
}

import { buildJsonAnswer, type HttpAnswer } from './http-answer.ts';
import { toEpochSeconds } from './korean-time.ts';
import { parseShopNo, refuseValue, type PageRequest, type TimeRange } from './list-query.ts';
import type { ShopData } from './mall-data.ts';
import type { MallState } from './mall-state.ts';

/** An Admin call that has passed limits and authorization. */
export interface EndpointCall {
  readonly mall: MallState;
  readonly query: URLSearchParams;
  /** The last part of the path of a detail endpoint. */
  readonly id: string;
  /** The call's address without its query. */
  readonly address: string;
  readonly nowMs: number;
}

export function findShop({ mall, query }: EndpointCall): ShopData {
  return mall.data.shop(parseShopNo(query)) ?? refuseValue('shop_no');
}

/** Nothing is dated after now, and nothing before the mall's first day. */
export function clipToNow(call: EndpointCall, range: TimeRange | undefined): TimeRange {
  const now = Math.floor(call.nowMs / 1000);
  const opened = toEpochSeconds(call.mall.data.firstDay, 0);
  if (range === undefined) return { start: opened, end: now };
  return { start: Math.max(range.start, opened), end: Math.min(range.end, now) };
}

export function buildNextLinks(call: EndpointCall, page: PageRequest, rowsGiven: number, total: number): unknown[] {
  const style = call.mall.behaviour.nextLinks;
  if (style === 'none' || page.offset + rowsGiven >= total) return [];
  const query = style === 'bare' ? new URLSearchParams() : new URLSearchParams(call.query);
  query.set('limit', String(page.limit));
  query.set('offset', String(page.offset + rowsGiven));
  return [{ rel: 'next', href: `${call.address}?${query.toString()}` }];
}

export function buildCountAnswer(count: number): HttpAnswer {
  return buildJsonAnswer(200, { count });
}

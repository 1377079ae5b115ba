import type { Query } from '../adapters/cafe24/list-resource.ts';
import { LIST_BUCKET, type Bucket } from '../domain/rate-budget.ts';
import { SECOND_MS, toSeoulDay, toSeoulTime } from '../domain/seoul-time.ts';
import type { WindowBounds } from '../domain/window.ts';

/** The API's bounds are inclusive to the second, a window's upper end is not. */
export function toTimeQuery(window: WindowBounds): Query {
  return {
    shop_no: String(window.shopNo),
    date_type: window.dateType,
    start_date: toSeoulTime(window.fromMs).replace('T', ' '),
    end_date: toSeoulTime(window.untilMs - SECOND_MS).replace('T', ' '),
  };
}

/** The whole days that a window touches, for endpoints that know no time of day. */
export function toDayQuery(window: WindowBounds): Query {
  return {
    shop_no: String(window.shopNo),
    start_date: toSeoulDay(window.fromMs),
    end_date: toSeoulDay(window.untilMs - SECOND_MS),
  };
}

export function buildBucket(endpoint: string): Bucket {
  return { endpoint, ...LIST_BUCKET };
}

import { TerminalError } from '../../domain/errors.ts';
import type { Mall } from '../../domain/mall.ts';
import { splitEvery } from '../../domain/period.ts';
import type { Period } from '../../domain/period.ts';
import type { WindowBounds } from '../../domain/window.ts';
import type { FetchedPage, PageSource } from '../../engine/page-source.ts';
import type { Cafe24Client } from './client.ts';
import type { ListResource, Query } from './list-resource.ts';
import { parseCount, parseRows } from './rows-answer.ts';
import { fetchShopNos } from './shops.ts';

/** One page in so many is asked for with all its fields, as is the first, to notice fields that are new. */
const WHOLE_PAGE_EVERY = 50;

export interface PageSourceDependencies {
  readonly client: Cafe24Client;
  readonly mall: Pick<Mall, 'shopNos'>;
  readonly resource: ListResource;
  readonly wholePageEvery?: number;
}

export function createPageSource(dependencies: PageSourceDependencies): PageSource {
  const { client, mall, resource, wholePageEvery = WHOLE_PAGE_EVERY } = dependencies;
  let pages = 0;

  async function fetchRows(query: Query, signal: AbortSignal): Promise<FetchedPage> {
    const answer = await client.get({ path: resource.path, bucket: resource.bucket, query }, signal);
    const rows = parseRows(answer.body, resource.rowsKey, resource.bucket.endpoint);
    return { rows, observedAtMs: answer.observedAtMs, bytes: answer.bytes };
  }

  return {
    windowCeiling: resource.windowCeiling,
    maxOffset: resource.maxOffset,
    async listWindows(period, signal) {
      const shopNos = mall.shopNos ?? (await fetchShopNos(client, signal));
      return buildWindows(period, shopNos, resource);
    },
    async countRows(window, signal) {
      const { count } = resource;
      if (count === null) return null;
      const answer = await client.get({ ...count, query: resource.toQuery(window) }, signal);
      return parseCount(answer.body, count.bucket.endpoint);
    },
    fetchPage(window, offset, limit, signal) {
      const isWhole = pages % wholePageEvery === 0 || resource.fields.length === 0;
      pages += 1;
      const query = {
        ...resource.toQuery(window),
        limit: String(Math.min(limit, resource.maxLimit)),
        offset: String(offset),
        ...(isWhole ? {} : { fields: resource.fields.join(',') }),
      };
      return fetchRows(query, signal);
    },
    fetchByKeys: resource.byKeys === null ? null : createKeyFetch(resource, resource.byKeys, fetchRows),
  };
}

/** Every shop and date type, in pieces no longer than one query may span; together they cover the period exactly. */
export function buildWindows(
  period: Period,
  shopNos: readonly number[],
  resource: Pick<ListResource, 'dateTypes' | 'longestRangeMs'>,
): readonly WindowBounds[] {
  const ranges = splitEvery(period, resource.longestRangeMs, period.fromMs);
  return shopNos.flatMap((shopNo) =>
    resource.dateTypes.flatMap((dateType) => ranges.map((range) => ({ ...range, shopNo, dateType }))),
  );
}

function createKeyFetch(
  resource: ListResource,
  byKeys: NonNullable<ListResource['byKeys']>,
  fetchRows: (query: Query, signal: AbortSignal) => Promise<FetchedPage>,
): NonNullable<PageSource['fetchByKeys']> {
  return async (keys, signal) => {
    const pages: FetchedPage[] = [];
    for (const [shopNo, ids] of groupByShop(keys)) {
      const atOnce = Math.min(byKeys.maxKeys, resource.maxLimit);
      for (let at = 0; at < ids.length; at += atOnce) {
        const some = ids.slice(at, at + atOnce);
        const query = { ...byKeys.toQuery(shopNo, some), limit: String(some.length) };
        pages.push(await fetchRows(query, signal));
      }
    }
    return mergePages(pages);
  };
}

/** Keys read `shop_no|id`. */
function groupByShop(keys: readonly string[]): ReadonlyMap<number, readonly string[]> {
  const idsOfShop = new Map<number, string[]>();
  for (const key of keys) {
    const [shopText = '', id = ''] = key.split('|');
    const shopNo = Number(shopText);
    if (!Number.isInteger(shopNo) || shopNo < 1 || id === '') {
      throw new TerminalError('Bug', 'a rejected row has a key that names no shop and id');
    }
    const ids = idsOfShop.get(shopNo);
    if (ids === undefined) idsOfShop.set(shopNo, [id]);
    else ids.push(id);
  }
  return idsOfShop;
}

/** Observed when the oldest of them was: what is newer elsewhere must not be overwritten by it. */
function mergePages(pages: readonly FetchedPage[]): FetchedPage {
  return {
    rows: pages.flatMap((page) => page.rows),
    observedAtMs: pages.length === 0 ? 0 : Math.min(...pages.map((page) => page.observedAtMs)),
    bytes: pages.reduce((sum, page) => sum + page.bytes, 0),
  };
}

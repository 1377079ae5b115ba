import type { FetchedPage } from './page-source.ts';
import type { ReadAhead } from './read-ahead.ts';

export interface StreamedPage extends FetchedPage {
  readonly offset: number;
  /** Where the list goes on: after the rows that came, which may be fewer than were asked for. */
  readonly nextOffset: number;
}

export interface PageStreamOptions {
  readonly firstOffset: number;
  readonly pageSize: number;
  /** Pages beginning at or after this offset are fetched only when asked for; the API's count, or 0 without one. */
  readonly expectedRows: number;
  /** The stream ends when the next page would begin beyond this. */
  readonly maxOffset: number;
  readonly readAhead: ReadAhead;
}

export type FetchPage = (offset: number, limit: number, signal: AbortSignal) => Promise<FetchedPage>;

interface PageInFlight {
  readonly offset: number;
  readonly answer: Promise<FetchedPage>;
  isReady: boolean;
}

/**
 * Pages of one list in order, fetched ahead. A page shorter than asked for does not end the list: the pages behind it
 * are fetched again from where it ended. Only an empty page, the consumer or the offset ceiling ends the stream; what is
 * still in flight then is aborted.
 */
export async function* streamPages(
  fetchPage: FetchPage,
  options: PageStreamOptions,
  signal: AbortSignal,
): AsyncGenerator<StreamedPage, void, void> {
  const { readAhead } = options;
  let inFlight: PageInFlight[] = [];
  let nextFetch = options.firstOffset;
  let ahead = new AbortController();
  let aheadSignal = AbortSignal.any([signal, ahead.signal]);

  const start = (): void => {
    const page: PageInFlight = {
      offset: nextFetch,
      answer: fetchPage(nextFetch, options.pageSize, aheadSignal),
      isReady: false,
    };
    void noteWhenReady(page);
    inFlight.push(page);
    nextFetch += options.pageSize;
  };
  const fillUp = (): void => {
    while (inFlight.length < readAhead.depth() && nextFetch <= options.maxOffset) {
      if (inFlight.length > 0 && nextFetch >= options.expectedRows) break;
      start();
    }
  };

  try {
    for (;;) {
      fillUp();
      const page = inFlight.shift();
      if (page === undefined) return;
      const wasWaitedFor = !page.isReady;
      const answer = await page.answer;
      const readyBehind = inFlight.filter((behind) => behind.isReady).length;
      readAhead.notePage({ bytes: answer.bytes, wasWaitedFor, readyBehind });
      const nextOffset = page.offset + answer.rows.length;
      if (answer.rows.length < options.pageSize) {
        ahead.abort();
        ahead = new AbortController();
        aheadSignal = AbortSignal.any([signal, ahead.signal]);
        inFlight = [];
        nextFetch = nextOffset;
      } else if (nextFetch < options.expectedRows) fillUp();
      yield { ...answer, offset: page.offset, nextOffset };
      if (answer.rows.length === 0) return;
    }
  } finally {
    ahead.abort();
  }
}

/** The page's error is left to whoever awaits the page; one that nobody awaits any more was aborted on purpose. */
async function noteWhenReady(page: PageInFlight): Promise<void> {
  await page.answer.catch(() => undefined);
  page.isReady = true;
}

import { describe, expect, it } from 'vitest';
import type { FetchedPage } from './page-source.ts';
import type { PageStreamOptions, StreamedPage } from './page-stream.ts';
import { streamPages } from './page-stream.ts';
import { createReadAhead } from './read-ahead.ts';

const OPTIONS: PageStreamOptions = {
  firstOffset: 0,
  pageSize: 10,
  expectedRows: 35,
  maxOffset: 8_000,
  readAhead: createReadAhead({ mostPages: 4, bytes: 1_000_000 }),
};

const aList = (length: number, capAt = Infinity) => {
  const asked: number[] = [];
  const rows = Array.from({ length }, (_, index) => index);
  const fetchPage = (offset: number, limit: number): Promise<FetchedPage> => {
    asked.push(offset);
    return Promise.resolve({
      rows: rows.slice(offset, offset + Math.min(limit, capAt)),
      observedAtMs: 0,
      bytes: 100,
    });
  };
  return { asked, fetchPage, rows };
};

async function readAll(pages: AsyncIterable<StreamedPage>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const page of pages) rows.push(...page.rows);
  return rows;
}

const never = new AbortController().signal;

describe('streamPages', () => {
  it('gives all rows in order and ends at the empty page', async () => {
    const list = aList(35);
    expect(await readAll(streamPages(list.fetchPage, OPTIONS, never))).toEqual(list.rows);
  });

  it('takes no short page for the end: a server that caps the limit loses no row', async () => {
    const list = aList(35, 7);
    expect(await readAll(streamPages(list.fetchPage, OPTIONS, never))).toEqual(list.rows);
  });

  it('goes on at the offset it is given', async () => {
    const list = aList(35);
    expect(await readAll(streamPages(list.fetchPage, { ...OPTIONS, firstOffset: 20 }, never))).toEqual(
      list.rows.slice(20),
    );
  });

  it('fetches ahead while the consumer works, but not beyond the expected rows', async () => {
    const list = aList(35);
    const pages = streamPages(list.fetchPage, OPTIONS, never);
    await pages.next();
    expect(list.asked.length).toBeGreaterThan(1);
    for (let page = 1; page < 4; page += 1) await pages.next();
    expect(Math.max(...list.asked)).toBe(30);
    await pages.return();
  });

  it('fetches one page at a time where nothing is expected', async () => {
    const list = aList(35);
    const pages = streamPages(list.fetchPage, { ...OPTIONS, expectedRows: 0 }, never);
    await pages.next();
    expect(list.asked).toEqual([0]);
    await pages.return();
  });

  it('ends at the offset ceiling with the rows that offsets reach', async () => {
    const list = aList(100);
    const options = { ...OPTIONS, expectedRows: 100, maxOffset: 20 };
    expect(await readAll(streamPages(list.fetchPage, options, never))).toEqual(list.rows.slice(0, 30));
  });

  it('aborts what is in flight when the consumer leaves', async () => {
    const aborted: number[] = [];
    const fetchPage = (offset: number, _limit: number, signal: AbortSignal): Promise<FetchedPage> =>
      offset === 0
        ? Promise.resolve({ rows: Array.from({ length: 10 }), observedAtMs: 0, bytes: 1 })
        : new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              aborted.push(offset);
              reject(new Error('aborted'));
            });
          });
    for await (const page of streamPages(fetchPage, OPTIONS, never)) {
      expect(page.offset).toBe(0);
      break;
    }
    expect(aborted).toContain(10);
  });

  it('fails with the error of the page that is next in order', async () => {
    const fetchPage = (offset: number): Promise<FetchedPage> =>
      offset === 10
        ? Promise.reject(new Error('page at 10'))
        : Promise.resolve({ rows: Array.from({ length: 10 }), observedAtMs: 0, bytes: 1 });
    const pages = streamPages(fetchPage, OPTIONS, never);
    expect((await pages.next()).done).toBe(false);
    await expect(pages.next()).rejects.toThrow('page at 10');
  });
});

import { expect, it } from 'vitest';
import { createReadAhead } from './read-ahead.ts';

const aPage = { bytes: 1_000, wasWaitedFor: false, readyBehind: 0 };
const SETTINGS = { mostPages: 8, bytes: 100_000 };

it('goes deeper while the writer waits for pages, up to the most', () => {
  const readAhead = createReadAhead(SETTINGS);
  const first = readAhead.depth();
  readAhead.notePage({ ...aPage, wasWaitedFor: true });
  expect(readAhead.depth()).toBe(first + 1);
  for (let page = 0; page < 20; page += 1) readAhead.notePage({ ...aPage, wasWaitedFor: true });
  expect(readAhead.depth()).toBe(8);
});

it('holds one page ahead when pages lie ready for a slower writer', () => {
  const readAhead = createReadAhead(SETTINGS);
  for (let page = 0; page < 20; page += 1) readAhead.notePage({ ...aPage, readyBehind: 2 });
  expect(readAhead.depth()).toBe(1);
});

it('keeps its depth when a page comes just in time', () => {
  const readAhead = createReadAhead(SETTINGS);
  const first = readAhead.depth();
  readAhead.notePage(aPage);
  expect(readAhead.depth()).toBe(first);
});

it('holds no more bytes ahead than allowed, but always a page', () => {
  const readAhead = createReadAhead(SETTINGS);
  readAhead.notePage({ ...aPage, bytes: 50_000 });
  expect(readAhead.depth()).toBe(2);
  readAhead.notePage({ ...aPage, bytes: 5_000_000 });
  expect(readAhead.depth()).toBe(1);
});

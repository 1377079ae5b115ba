import { describe, expect, it } from 'vitest';
import { DEFAULT_URL_TEMPLATE, parseMallUrl, toQueryString } from './mall-url.ts';

describe('the address of a mall', () => {
  it.each([
    [DEFAULT_URL_TEMPLATE, { origin: 'https://rosemall.cafe24api.com', prefix: '' }],
    ['http://127.0.0.1:18080/{mall_id}', { origin: 'http://127.0.0.1:18080', prefix: '/rosemall' }],
    ['http://127.0.0.1:18080/{mall_id}/', { origin: 'http://127.0.0.1:18080', prefix: '/rosemall' }],
  ])('follows the template %s', (template, url) => {
    expect(parseMallUrl(template, 'rosemall')).toEqual(url);
  });

  it.each(['https://cafe24api.com', 'ftp://{mall_id}.example.com', '{mall_id}', 'https://u:p@{mall_id}.example.com'])(
    'refuses the template %s',
    (template) => {
      expect(() => parseMallUrl(template, 'rosemall')).toThrow(/MALLSYNC_CAFE24_URL/);
    },
  );

  it.each(['evil.example.com/', 'a@b', 'Rose', '..', ''])('refuses the mall id %j', (id) => {
    expect(() => parseMallUrl(DEFAULT_URL_TEMPLATE, id)).toThrow(/mall id/);
  });
});

it('a query encodes plus signs, blanks and Korean text', () => {
  expect(toQueryString({ start_date: '2025-12-01T00:00:00+09:00', name: '가 b' })).toBe(
    'start_date=2025-12-01T00%3A00%3A00%2B09%3A00&name=%EA%B0%80%20b',
  );
});

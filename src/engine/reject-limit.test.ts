import { expect, it } from 'vitest';
import { DEFAULT_REJECT_LIMIT, isOverRejectLimit } from './reject-limit.ts';

it('fails a window only when both the number and the share of rejected rows are too large', () => {
  const limit = { rows: 100, share: 0.05 };
  expect(isOverRejectLimit(limit, 100, 100)).toBe(false);
  expect(isOverRejectLimit(limit, 101, 10_000)).toBe(false);
  expect(isOverRejectLimit(limit, 101, 1_000)).toBe(true);
});

it('stops a changed API format at the first full page', () => {
  expect(isOverRejectLimit(DEFAULT_REJECT_LIMIT, 1_000, 1_000)).toBe(true);
});

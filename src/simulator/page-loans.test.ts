import { expect, it } from 'vitest';
import { lendPage } from './page-loans.ts';

it('lends no memory twice at once, and the same again once it is back', () => {
  const one = lendPage(5000);
  const two = lendPage(5000);
  expect(one.page).toHaveLength(5000);
  expect(one.page.buffer).not.toBe(two.page.buffer);
  one.giveBack();
  one.giveBack();
  const three = lendPage(4000);
  const four = lendPage(4000);
  expect(three.page).toHaveLength(4000);
  expect(three.page.buffer).toBe(one.page.buffer);
  expect(four.page.buffer).not.toBe(one.page.buffer);
});

it('keeps a loan intact while others come and go', () => {
  const held = lendPage(4096);
  held.page.fill(1);
  for (let n = 0; n < 50; n++) {
    const passing = lendPage(1000 + n);
    passing.page.fill(2);
    passing.giveBack();
  }
  expect(held.page.every((byte) => byte === 1)).toBe(true);
});

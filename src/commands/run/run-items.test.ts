import { expect, it } from 'vitest';
import { decideThreads } from './run-items.ts';

it('takes one thread a core, but only where each gets work enough to be worth its start', () => {
  expect(decideThreads(300, 8, 4)).toBe(4);
  expect(decideThreads(13, 8, 4)).toBe(2);
  expect(decideThreads(3, 8, 4)).toBe(1);
});

it('takes no more threads than executions may run at once', () => {
  expect(decideThreads(300, 2, 16)).toBe(2);
  expect(decideThreads(300, 1, 16)).toBe(1);
});

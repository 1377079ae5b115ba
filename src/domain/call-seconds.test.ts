import { describe, expect, it } from 'vitest';
import { estimateCallSeconds } from './call-seconds.ts';
import { LIST_BUCKET, MALL_CEILING } from './rate-budget.ts';

/** Call by call: each waits until the mall's ceiling allows it and the endpoint's bucket has room. */
function simulate(calls: number): number {
  let seconds = 0;
  let level = 0;
  for (let call = 0; call < calls; call++) {
    const wait = Math.max(1 / MALL_CEILING.perSecond, (level + 1 - LIST_BUCKET.size) / LIST_BUCKET.leakPerSecond);
    seconds += wait;
    level = Math.max(0, level - wait * LIST_BUCKET.leakPerSecond) + 1;
  }
  return seconds;
}

describe('time that calls take', () => {
  it('is none for none', () => {
    expect(estimateCallSeconds(0)).toBe(0);
  });

  it.each([1, 6, 40, 59, 60, 61, 100, 1_000])('is near what a leaking bucket grants for %i', (calls) => {
    expect(Math.abs(estimateCallSeconds(calls) - simulate(calls))).toBeLessThan(1);
  });
});

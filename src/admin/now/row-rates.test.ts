import { describe, expect, it } from 'vitest';
import { createRateMeter, toAverageRates } from './row-rates.ts';

const run = (executionId: number, read: number, startedAtMs: number | null = 0) => ({ executionId, read, startedAtMs });

describe('rows per second', () => {
  it('are those of the whole run where one reading is all there is', () => {
    const rates = toAverageRates([run(1, 5_000), run(2, 0, null), run(3, 7, 9_900)], 10_000);
    expect([...rates]).toStrictEqual([
      [1, 500],
      [2, null],
      [3, null],
    ]);
  });

  it('are those of the last ten seconds where readings tell', () => {
    const meter = createRateMeter();
    expect(meter([run(1, 1_000)], 100_000).get(1)).toBe(10);
    expect(meter([run(1, 3_000)], 101_000).get(1)).toBe(2_000);
    for (let second = 2; second <= 20; second++) meter([run(1, 3_000 + second * 100)], 100_000 + second * 1_000);
    expect(meter([run(1, 5_100)], 121_000).get(1)).toBe(100);
  });

  it('fall to nothing when no row comes', () => {
    const meter = createRateMeter();
    for (let second = 0; second <= 12; second++) meter([run(1, 500)], second * 1_000);
    expect(meter([run(1, 500)], 13_000).get(1)).toBe(0);
  });

  it('begin for each run when it is first seen, and are never negative', () => {
    const meter = createRateMeter();
    meter([run(1, 900)], 50_000);
    meter([run(1, 900), run(2, 0, 50_500)], 51_000);
    const rates = meter([run(1, 100), run(2, 400, 50_500)], 53_000);
    expect([...rates]).toStrictEqual([
      [1, 0],
      [2, 200],
    ]);
  });
});

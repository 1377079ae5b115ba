import { describe, expect, it } from 'vitest';
import type { MallBudget } from '../../adapters/postgres/read-models/mall-budgets.ts';
import { toMallUsages } from './mall-usage.ts';

function budget(mallId: number, endpoint: string, more: Partial<MallBudget> = {}): MallBudget {
  const none = { level: 0, size: 40, blockedUntilMs: null, callUsagePercent: null, timeUsagePercent: null };
  return { mallId, mallName: `Mall ${mallId}`, endpoint, ...none, ...more };
}

describe('the usage of malls', () => {
  it('is one a mall, with a bucket an endpoint, none fuller than full', () => {
    const usages = toMallUsages([budget(2, '*', { size: 2 }), budget(2, 'orders', { level: 40.7 }), budget(1, '*')]);
    expect(usages.map(({ mallId, buckets }) => [mallId, buckets])).toStrictEqual([
      [2, [{ endpoint: 'orders', level: 40, size: 40 }]],
      [1, []],
    ]);
  });

  it('is the highest that any endpoint was told', () => {
    const [usage] = toMallUsages([
      budget(1, '*'),
      budget(1, 'orders', { callUsagePercent: 12, timeUsagePercent: 3 }),
      budget(1, 'products', { callUsagePercent: 70 }),
    ]);
    expect(usage).toMatchObject({ callUsagePercent: 70, timeUsagePercent: 3 });
  });

  it('names the longest block and what it holds for', () => {
    const blockOf = (...budgets: MallBudget[]) => toMallUsages(budgets)[0]?.block;
    expect(blockOf(budget(1, '*'), budget(1, 'orders'))).toBeNull();
    expect(blockOf(budget(1, '*', { blockedUntilMs: 9 }), budget(1, 'orders', { blockedUntilMs: 5 }))).toStrictEqual({
      untilMs: 9,
      endpoint: null,
    });
    expect(blockOf(budget(1, '*', { blockedUntilMs: 4 }), budget(1, 'orders', { blockedUntilMs: 5 }))).toStrictEqual({
      untilMs: 5,
      endpoint: 'orders',
    });
  });
});

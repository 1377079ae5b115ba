import { describe, expect, it } from 'vitest';
import { orderQueue, type QueuedRun } from './queue-order.ts';

const NIGHT = { uid: 'n', name: 'nightly-member-20260314', createdAtMs: 100, active: 0 };

function runs(ids: readonly number[], changes: Partial<QueuedRun>): readonly QueuedRun[] {
  return ids.map((executionId) => ({
    executionId,
    installationId: 'cluster',
    trigger: 'NIGHTLY',
    mallSync: NIGHT,
    ...changes,
  }));
}

function order(queued: readonly QueuedRun[], limit = 100): readonly number[] {
  return orderQueue(queued, limit).map(({ executionId }) => executionId);
}

describe('queue order', () => {
  it('is by age for local runs', () => {
    const queued = runs([7, 3, 5], { mallSync: null, trigger: 'LOCAL' });
    expect(orderQueue(queued, 100)).toEqual([
      { executionId: 3, position: 1 },
      { executionId: 5, position: 2 },
      { executionId: 7, position: 3 },
    ]);
  });

  it('lets re-runs go first, then manual runs, the night, its catch-ups, and back-fills last', () => {
    const ranks = [
      runs([1], { trigger: 'BACKFILL', mallSync: { ...NIGHT, uid: 'b', name: 'b' } }),
      runs([2], { mallSync: { ...NIGHT, uid: 'c', name: 'catchup-member-20260312-ab12' } }),
      runs([3], {}),
      runs([4], { trigger: 'MANUAL', mallSync: { ...NIGHT, uid: 'm', name: 'm' } }),
      runs([5], { trigger: 'RERUN', mallSync: { ...NIGHT, uid: 'r', name: 'rerun-1' } }),
    ];
    expect(order(ranks.flat())).toEqual([5, 4, 3, 2, 1]);
  });

  it('gives MallSyncs of one priority a turn each, the older and the one with fewer Jobs first', () => {
    const older = runs([10, 11, 12], {});
    const younger = runs([1, 2, 3], { mallSync: { ...NIGHT, uid: 'y', name: 'nightly-order', createdAtMs: 200 } });
    expect(order([...younger, ...older])).toEqual([10, 1, 11, 2, 12, 3]);
    const busy = older.map((run) => ({ ...run, mallSync: { ...NIGHT, active: 2 } }));
    expect(order([...younger, ...busy])).toEqual([1, 2, 10, 3, 11, 12]);
  });

  it('counts each installation by itself', () => {
    const queued = [...runs([1, 2], {}), ...runs([3, 4], { installationId: 'laptop', mallSync: null })];
    expect(orderQueue(queued, 100)).toEqual([
      { executionId: 1, position: 1 },
      { executionId: 3, position: 1 },
      { executionId: 2, position: 2 },
      { executionId: 4, position: 2 },
    ]);
  });

  it('ends at the limit', () => {
    const ids = Array.from({ length: 3_000 }, (_, index) => index + 1);
    expect(order(runs(ids, {}), 3)).toEqual([1, 2, 3]);
    expect(order(runs(ids, { mallSync: null }), 3)).toEqual([1, 2, 3]);
  });

  it('is empty when nothing waits', () => {
    expect(order([])).toEqual([]);
  });
});

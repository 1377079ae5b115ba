import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHeap } from './work-queue-heap.ts';

interface Item {
  rank: number;
  heapIndex: number;
}

const change = fc.record({
  kind: fc.constantFrom('push', 'remove', 'move', 'pop'),
  which: fc.nat(),
  rank: fc.integer({ min: 0, max: 20 }),
});

it('always has the first of its items first, whatever is pushed, removed or moved', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
      const heap = createHeap<Item>((a, b) => a.rank < b.rank);
      const items: Item[] = [];
      for (const { kind, which, rank } of changes) {
        const some = items[which % Math.max(items.length, 1)];
        if (kind === 'push') {
          const item = { rank, heapIndex: -1 };
          items.push(item);
          heap.push(item);
        } else if (some !== undefined && kind === 'move') {
          some.rank = rank;
          heap.moved(some);
        } else if (some !== undefined) {
          const gone = kind === 'pop' ? (heap.first() ?? some) : some;
          items.splice(items.indexOf(gone), 1);
          heap.remove(gone);
          expect(gone.heapIndex).toBe(-1);
        }
        expect(heap.first()?.rank).toBe(items.map((item) => item.rank).sort((a, b) => a - b)[0]);
        expect(heap.size).toBe(items.length);
      }
    }),
  );
});

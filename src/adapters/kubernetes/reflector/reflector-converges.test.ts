import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createFaultyCollection,
  type CollectionObject,
  type CollectionTurn,
} from '../../../../test/support/faulty-collection.ts';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { createObjectStore, type StoreChange } from './object-store.ts';
import { createReflector } from './reflector.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const turn: fc.Arbitrary<CollectionTurn> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('create', 'change', 'delete', 'replace'), name }) },
  { weight: 1, arbitrary: fc.constant<CollectionTurn>({ kind: 'compact' }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('break', 'error-event', 'close', 'bookmark') }),
  },
);

it('whatever is changed, compacted or broken, the store ends like the cluster and the changes told lead there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 80 }), async (turns) => {
      const collection = createFaultyCollection(turns);
      const store = createObjectStore<CollectionObject>(({ metadata }) => metadata.uid);
      const toldOf = new Map<string, CollectionObject>();
      const uids = new Set<string>();
      const tell = ({ before, after }: StoreChange<CollectionObject>): void => {
        uids.add((before ?? after).metadata.uid);
        const known = toldOf.get((before ?? after).metadata.name) ?? null;
        expect(known).toEqual(before);
        if (after === null) toldOf.delete(before.metadata.name);
        else toldOf.set(after.metadata.name, after);
        expect(before === null || after === null || before.metadata.uid === after.metadata.uid).toBe(true);
      };
      const faults: unknown[] = [];
      const reflector = createReflector({
        client: collection,
        clock: createManualClock(),
        random: () => 0.5,
        collection: { path: '/things', query: {} },
        store,
        project: (raw) => raw as CollectionObject,
        onChange: tell,
        onFault: ({ at, error }) => void (at === 'handler' && faults.push(error)),
      });
      const stop = new AbortController();
      const run = reflector.run(stop.signal);
      await collection.told;
      stop.abort();
      await run;
      expect(faults).toEqual([]);
      expect(toByName(store.list())).toEqual(toByName([...collection.objects.values()]));
      expect(toldOf).toEqual(toByName(store.list()));
      for (const uid of uids) {
        expect(store.listBy(uid)).toEqual(store.list().filter(({ metadata }) => metadata.uid === uid));
      }
    }),
    { numRuns: 300 },
  );
});

function toByName(objects: readonly CollectionObject[]): ReadonlyMap<string, CollectionObject> {
  return new Map(objects.map((object) => [object.metadata.name, object]));
}

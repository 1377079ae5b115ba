import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bisect } from './bisect.ts';

/** Takes items unless one of `bad` is among them; counts the tries. */
function createTaker(bad: ReadonlySet<number>) {
  const taken: number[] = [];
  let tries = 0;
  const tryAll = (items: readonly number[]): Promise<string | undefined> => {
    tries += 1;
    const first = items.find((item) => bad.has(item));
    if (first === undefined) taken.push(...items);
    return Promise.resolve(first === undefined ? undefined : `refused ${first}`);
  };
  return { taken, tryAll, countTries: () => tries };
}

describe('bisect', () => {
  it('finds exactly the bad items within 2·k·log2(n) tries and takes the others in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1_000 }).chain((size) =>
          fc.record({
            size: fc.constant(size),
            bad: fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 1, maxLength: 8 }),
          }),
        ),
        async ({ size, bad }) => {
          const items = Array.from({ length: size }, (_, index) => index);
          const badSet = new Set(bad);
          const taker = createTaker(badSet);
          const refusal = (await taker.tryAll(items)) ?? '';
          const found = await bisect(items, refusal, taker.tryAll);
          expect(found.map((one) => one.item)).toEqual(items.filter((item) => badSet.has(item)));
          expect(taker.taken).toEqual(items.filter((item) => !badSet.has(item)));
          expect(taker.countTries()).toBeLessThanOrEqual(2 * bad.length * Math.ceil(Math.log2(size)) + 1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('says of each bad item why it was refused', async () => {
    const taker = createTaker(new Set([2, 5]));
    const found = await bisect([0, 1, 2, 3, 4, 5], 'refused 2', taker.tryAll);
    expect(found).toEqual([
      { item: 2, refusal: 'refused 2' },
      { item: 5, refusal: 'refused 5' },
    ]);
  });
});

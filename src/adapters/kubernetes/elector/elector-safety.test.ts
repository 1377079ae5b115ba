import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createLeaseWorld,
  DEFAULT_TIMING,
  PROMPT,
  type Candidate,
  type Reign,
} from '../../../../test/support/lease-world.ts';

const DAY_MS = 86_400_000;
const exact = (nowMs: number): number => nowMs;

interface Turn {
  readonly afterMs: number;
  readonly act: 'start' | 'stop' | 'kill';
  readonly who: number;
  readonly skew: 'frozen' | 'ahead' | 'behind' | 'exact';
}

const WALLS: Readonly<Record<Turn['skew'], (nowMs: number) => number>> = {
  frozen: () => 1_000_000_000,
  ahead: (nowMs) => nowMs + 3 * DAY_MS,
  behind: (nowMs) => Math.max(0, 5 * DAY_MS - nowMs),
  exact,
};

const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant(PROMPT) },
  {
    weight: 3,
    arbitrary: fc.record({
      outMs: fc.integer({ min: 0, max: 9_000 }),
      backMs: fc.integer({ min: 0, max: 3_000 }),
      lost: fc.constantFrom('nothing', 'request', 'answer'),
    }),
  },
);
const turn: fc.Arbitrary<Turn> = fc.record({
  afterMs: fc.integer({ min: 0, max: 9_000 }),
  act: fc.constantFrom('start', 'start', 'stop', 'kill'),
  who: fc.nat(9),
  skew: fc.constantFrom('frozen', 'ahead', 'behind', 'exact'),
});

function listOverlaps(reigns: readonly Reign[]): readonly (readonly [Reign, Reign])[] {
  return reigns.flatMap((one, index) =>
    reigns
      .slice(index + 1)
      .filter((other) => other.startMs < (one.endMs ?? Number.POSITIVE_INFINITY))
      .filter((other) => one.startMs < (other.endMs ?? Number.POSITIVE_INFINITY))
      .map((other) => [one, other] as const),
  );
}

it('two never lead at once, whatever is late, lost, killed or told a wrong time; and one does lead once all is well', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { minLength: 1 }), fc.array(turn, { maxLength: 12 }), async (fates, turns) => {
      const world = createLeaseWorld(DEFAULT_TIMING);
      let asked = 0;
      world.setFate(() => fates[asked++ % fates.length] ?? PROMPT);
      const candidates: Candidate[] = [world.start('a', exact), world.start('bc', WALLS.frozen)];
      for (const { afterMs, act, who, skew } of turns) {
        await world.advance(afterMs);
        const candidate = candidates[who % candidates.length];
        if (act === 'start') candidates.push(world.start(`c${candidates.length}`, WALLS[skew]));
        else if (act === 'kill') candidate?.kill();
        else void candidate?.stop();
      }
      await world.advance(20_000);
      world.setFate(() => PROMPT);
      world.start('last', exact);
      await world.advance(25_000);
      expect(listOverlaps(world.reigns)).toEqual([]);
      expect(world.reigns.filter(({ endMs }) => endMs === null)).toHaveLength(1);
    }),
    { numRuns: 80 },
  );
}, 60_000);

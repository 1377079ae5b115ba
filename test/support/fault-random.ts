/** Uniform in [0, 1), the same row of numbers for the same seed. */
export type Random = () => number;

/** MALLSYNC_FAULT_SEED repeats an earlier run; the seed is printed, so that a failure can be repeated. */
export function chooseFaultSeed(): number {
  const given = process.env['MALLSYNC_FAULT_SEED'];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  process.stdout.write(`fault seed ${seed}: repeat with MALLSYNC_FAULT_SEED=${seed}\n`);
  return seed;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

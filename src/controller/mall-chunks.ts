/** As many malls as one MallSync may name. */
export const MOST_MALLS = 1_000;

/** In order, each as full as it can be. */
export function chunkMalls<T>(malls: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(malls.length / MOST_MALLS) }, (_, index) =>
    malls.slice(index * MOST_MALLS, (index + 1) * MOST_MALLS),
  );
}

/** As many malls as one MallSync may name. */
export const MOST_MALLS = 1_000;

/** In order, each as full as it can be. */
export function chunkMalls(mallIds: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(mallIds.length / MOST_MALLS) }, (_, index) =>
    mallIds.slice(index * MOST_MALLS, (index + 1) * MOST_MALLS),
  );
}

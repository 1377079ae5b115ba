import { afterAll } from 'vitest';

const ends: (() => unknown)[] = [];

// vitest drops without a word what a running hook or test hands to afterAll, so there is one, made while the file is read
afterAll(async () => {
  const failures: unknown[] = [];
  for (const end of ends.toReversed()) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
});

/** Done when the calling test file ends, from wherever it is asked for; what was asked for last is done first. */
export function atFileEnd(end: () => unknown): void {
  ends.push(end);
}

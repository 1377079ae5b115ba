import type { Clock } from '../../domain/clock.ts';
import type { TokenPair } from '../../domain/credential.ts';
import { TransientError } from '../../domain/errors.ts';
import type { TokenStore } from '../../domain/token-store.ts';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2_000;
const TRIES_OF_THE_HOPELESS = 30;
const NEVER_ABORTED = new AbortController().signal;

/**
 * Stores the only valid pair there is: as long as the database is away it tries again, whatever else has been stopped.
 * @returns false when another pair has been stored meanwhile, or this one by a try whose answer was lost
 */
export async function savePair(
  store: Pick<TokenStore, 'saveTokens'>,
  clock: Clock,
  mallId: number,
  generation: number,
  pair: TokenPair,
): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await store.saveTokens(mallId, generation, pair);
    } catch (error) {
      if (!(error instanceof TransientError) && tries >= TRIES_OF_THE_HOPELESS) throw error;
      await clock.sleep(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1)), NEVER_ABORTED);
    }
  }
}

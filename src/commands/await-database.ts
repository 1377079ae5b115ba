import type { Clock } from '../domain/clock.ts';
import { TransientError } from '../domain/errors.ts';

const TRY_EVERY_MS = 1_000;

export interface DatabasePatience {
  readonly waitSeconds: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told once, with what the first try met. */
  readonly onWait: (error: unknown) => void;
}

/**
 * Resolves when `connect` does, tried once a second while no database answers.
 * @throws TransientError DatabaseUnavailable of the last try when the time is over; whatever else `connect` rejects with
 * at once, since waiting does not mend it
 */
export async function awaitDatabase(connect: () => Promise<void>, patience: DatabasePatience): Promise<void> {
  const { waitSeconds, clock, signal, onWait } = patience;
  const endsAtMs = clock.monotonicMs() + waitSeconds * 1_000;
  for (let tries = 1; ; tries++) {
    try {
      await connect();
      return;
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      const leftMs = endsAtMs - clock.monotonicMs();
      if (leftMs <= 0) throw error;
      if (tries === 1) onWait(error);
      await clock.sleep(Math.min(TRY_EVERY_MS, leftMs), signal);
    }
  }
}

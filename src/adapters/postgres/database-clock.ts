import { sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../../domain/clock.ts';
import type { QueryPool } from './pool.ts';

const LONGEST_SLEEP_MS = 60_000;

/**
 * Resolves when it is `instantMs` by the database's clock, which judges whether a period is over and may be behind the
 * clock that rang. Rejects with the signal's reason when that aborts.
 */
export async function waitForDatabaseClock(
  { pool }: { readonly pool: QueryPool },
  instantMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const leftMs = await pool.oneFirst(sql.type(z.object({ left_ms: z.number() }))`
      select ${instantMs}::float8 - extract(epoch from clock_timestamp())::float8 * 1000 as left_ms`);
    if (leftMs <= 0) return;
    await clock.sleep(Math.min(Math.ceil(leftMs), LONGEST_SLEEP_MS), signal);
  }
}

import { sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../../domain/clock.ts';
import type { QueryPool } from './pool.ts';

const LONGEST_SLEEP_MS = 60_000;

interface Source {
  readonly pool: QueryPool;
}

/** Epoch milliseconds by the database's clock, whole ones. */
export async function readDatabaseClock({ pool }: Source): Promise<number> {
  return await pool.oneFirst(sql.type(z.object({ now_ms: z.number() }))`
    select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms`);
}

/**
 * Resolves when it is `instantMs` by the database's clock, which judges whether a period is over and may be behind the
 * clock that rang. Rejects with the signal's reason when that aborts.
 */
export async function waitForDatabaseClock(
  { pool }: Source,
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

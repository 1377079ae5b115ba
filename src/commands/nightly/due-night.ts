import { readDatabaseClock, waitForDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import type { Clock } from '../../domain/clock.ts';
import { DAY_MS, startOfSeoulDay } from '../../domain/seoul-time.ts';
import { createUsageError } from '../usage-error.ts';
import { findDueTime } from './scheduled-job.ts';

/** A schedule that rings this long before midnight means that midnight. */
const EARLY_MS = 60_000;
/** A scheduled time that lies further ahead of the database's clock is a wrong one. */
const LONGEST_WAIT_MS = 600_000;

interface Schedule {
  readonly scheduledAtMs?: number | undefined;
  readonly scheduledJob?: string | undefined;
}

/**
 * The scheduled time of the night to be read. Only the database's clock is asked, for it judges whether a period is over.
 * @throws SettingsError when the scheduled time lies too far ahead of it
 */
export async function findDueNight(
  database: Database,
  { scheduledAtMs, scheduledJob = '' }: Schedule,
): Promise<number> {
  const nowMs = await readDatabaseClock(database);
  const dueMs = scheduledAtMs ?? findDueTime(scheduledJob);
  if (dueMs === undefined) return toRung(nowMs);
  if (startOfSeoulDay(dueMs) <= nowMs + LONGEST_WAIT_MS) return dueMs;
  const source =
    scheduledAtMs === undefined ? `the time in the name of --scheduled-job ${scheduledJob}` : '--scheduled-at';
  throw createUsageError(`${source} must not be more than ten minutes ahead of the database’s clock`);
}

function toRung(nowMs: number): number {
  const midnightMs = startOfSeoulDay(nowMs) + DAY_MS;
  return midnightMs - nowMs <= EARLY_MS ? midnightMs : nowMs;
}

/** Resolves when the night's last day is over by the database's clock. */
export async function waitForNight(
  database: Database,
  scheduledAtMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  await waitForDatabaseClock(database, startOfSeoulDay(scheduledAtMs), clock, signal);
}

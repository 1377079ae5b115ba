const MINUTE_MS = 60_000;
const SUFFIX = /-(\d{8})$/;
/** Eight digits that stand for an earlier minute are something else: a day like 20251217, or chance. */
const FIRST_MS = Date.UTC(2025, 0, 1);

/**
 * When a Job was due by the name that the CronJob controller gives it, which ends in the minutes since 1970; undefined for
 * a Job that was made by hand.
 */
export function findDueTime(jobName: string): number | undefined {
  const minutes = SUFFIX.exec(jobName)?.[1];
  if (minutes === undefined) return undefined;
  const dueMs = Number(minutes) * MINUTE_MS;
  return dueMs < FIRST_MS ? undefined : dueMs;
}

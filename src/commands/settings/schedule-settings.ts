import { Cron } from 'croner';
import { z } from 'zod';
import { setting } from './setting.ts';

export const SCHEDULE_ZONE = 'Asia/Seoul';

function isSchedule(text: string): boolean {
  try {
    new Cron(text, { paused: true, timezone: SCHEDULE_ZONE }).stop();
    return true;
  } catch {
    return false;
  }
}

const schedule = z.string().refine(isSchedule);

/** When `serve` begins its nights. */
export const SCHEDULE_SETTINGS = {
  schedule: setting(schedule.default('0 0 * * *'), {
    flag: '--schedule <cron>',
    env: 'MALLSYNC_SCHEDULE',
    description: 'When the night’s run begins, as a cron pattern in Asia/Seoul',
    mustBe: 'a cron pattern like 0 0 * * *',
  }),
};

/** When something else begins the nights, as a CronJob does. */
export const WATCHED_SCHEDULE_SETTINGS = {
  watchedSchedule: setting(schedule.optional(), {
    flag: '--nightly-schedule <cron>',
    env: 'MALLSYNC_NIGHTLY_SCHEDULE',
    description:
      'When the CronJob of `nightly` is due, as a cron pattern in Asia/Seoul; a night that is missed is told',
    defaultText: 'none: nobody watches',
    mustBe: 'a cron pattern like 0 0 * * *',
  }),
};

/** The times of a schedule in `[fromMs, untilMs)`, ascending. */
export function listSlots(pattern: string, fromMs: number, untilMs: number): readonly number[] {
  const cron = new Cron(pattern, { paused: true, timezone: SCHEDULE_ZONE });
  const slots: number[] = [];
  // the next run is always later than the time given, by whole seconds
  for (let next = cron.nextRun(new Date(fromMs - 1_000)); next !== null; next = cron.nextRun(next)) {
    if (next.getTime() >= untilMs) break;
    if (next.getTime() >= fromMs) slots.push(next.getTime());
  }
  return slots;
}

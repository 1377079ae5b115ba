import type { z } from 'zod';
import type { Period } from '../../domain/period.ts';
import { buildDaysBefore, parsePeriod } from '../../domain/period.ts';
import { parseSeoulTime } from '../../domain/seoul-time.ts';
import { setting } from '../settings/setting.ts';
import { seoulTime } from '../settings/values.ts';

const TIME = 'a time of Asia/Seoul like 2025-12-01T00:00:00';

export const PERIOD_SETTINGS = {
  start: setting(seoulTime.optional(), {
    flag: '--start <time>',
    description: 'Begin of the period, Asia/Seoul',
    defaultText: 'yesterday',
    mustBe: TIME,
  }),
  end: setting(seoulTime.optional(), {
    flag: '--end <time>',
    description: 'End of the period, that second included; midnight ends the day before',
    defaultText: 'yesterday',
    mustBe: TIME,
  }),
};

interface PeriodSettings {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** Both ends or none, and in order. */
export function checkPeriod({ start, end }: PeriodSettings, context: z.core.$RefinementCtx): void {
  if ((start === undefined) !== (end === undefined)) {
    const [missing, given] = start === undefined ? ['start', '--end'] : ['end', '--start'];
    context.addIssue({
      code: 'custom',
      path: [missing],
      message: `is missing: it must be given together with ${given}`,
    });
    return;
  }
  if (start === undefined || end === undefined || isInOrder(start, end)) return;
  context.addIssue({ code: 'custom', path: ['end'], message: `must be later than --start ${start}, not ${end}` });
}

/** True also of what is no time at all: that is another fault, told by the setting itself. */
export function isInOrder(start: string, end: string): boolean {
  if (parseSeoulTime(start) === undefined || parseSeoulTime(end) === undefined) return true;
  try {
    parsePeriod(start, end);
    return true;
  } catch {
    return false;
  }
}

/** The period given, or yesterday. */
export function toPeriod({ start, end }: PeriodSettings, nowMs: number): Period {
  return start === undefined || end === undefined ? buildDaysBefore(nowMs, 1) : parsePeriod(start, end);
}

import { z } from 'zod';
import type { DomainType } from '../../domain/domain-type.ts';
import type { LookbackDays } from '../../domain/night-plan.ts';
import { setting } from './setting.ts';
import { wholeNumber } from './values.ts';

const LOOKBACK = /^(?:(MEMBER|ORDER|SALES)=)?(\d|[12]\d|3[01])$/i;

/** Days for all domain types, days for single ones, or both; what is not named looks back no day. */
const lookbackDays = z.array(z.string()).transform((given, context): LookbackDays => {
  const days = new Map<string, number>();
  for (const text of given) {
    const [match, domainType = '', count] = LOOKBACK.exec(text) ?? [];
    const key = domainType.toUpperCase();
    if (match === undefined || days.has(key)) {
      context.issues.push({ code: 'custom', message: 'Invalid input', input: given });
      return z.NEVER;
    }
    days.set(key, Number(count));
  }
  const daysOf = (domainType: DomainType): number => days.get(domainType) ?? days.get('') ?? 0;
  return { MEMBER: daysOf('MEMBER'), ORDER: daysOf('ORDER'), SALES: daysOf('SALES') };
});

/** What a night reads besides yesterday, for `serve` and `nightly`. */
export const NIGHT_SETTINGS = {
  lookbackDays: setting(lookbackDays.prefault(['0']), {
    flag: '--lookback-days <days>',
    env: 'MALLSYNC_LOOKBACK_DAYS',
    isList: true,
    description:
      'Days before yesterday that each night reads again, for late changes; by domain type: MEMBER=1,ORDER=7',
    defaultText: '0',
    mustBe: 'a whole number of days from 0 to 31, domain types with one each like MEMBER=1,ORDER=7, or both',
  }),
  catchUpDays: setting(wholeNumber(0, 31).default(3), {
    flag: '--catch-up-days <days>',
    env: 'MALLSYNC_CATCH_UP_DAYS',
    description: 'Days before yesterday that are read where a mall lacks them',
    mustBe: 'a whole number of days from 0 to 31',
  }),
};

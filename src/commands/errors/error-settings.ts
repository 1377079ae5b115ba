import { z } from 'zod';
import { ERROR_STATUSES } from '../../adapters/postgres/error-log.ts';
import { setting } from '../settings/setting.ts';
import { oneDomainType, wholeNumber } from '../settings/values.ts';

const STATUSES = [...ERROR_STATUSES, 'ALL'] as const;
const FINGERPRINT = 'a fingerprint as `mallsync errors groups` shows it, like MEMBER:VALIDATE:BAD_DATE:created_date';

const fingerprint = z.string().trim().min(1).max(500);

export const FINGERPRINT_SETTINGS = {
  fingerprint: setting(fingerprint, {
    flag: '--fingerprint <text>',
    description: 'The group of rejected rows, as `errors groups` shows it',
    mustBe: FINGERPRINT,
  }),
};

/** What narrows `errors list` and `errors groups`. */
export const ERROR_FILTER = {
  mallId: setting(wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(), {
    flag: '--mall <number>',
    description: 'Only this mall',
    mustBe: 'the number of a mall, as `mallsync malls list` shows it',
  }),
  domainType: setting(oneDomainType.optional(), {
    flag: '--domain <type>',
    description: 'Only MEMBER, ORDER or SALES',
    mustBe: 'MEMBER, ORDER or SALES',
  }),
  fingerprint: setting(fingerprint.optional(), {
    flag: '--fingerprint <text>',
    description: 'Only this group',
    mustBe: FINGERPRINT,
  }),
  executionId: setting(wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(), {
    flag: '--execution <number>',
    description: 'Only what this execution met last',
    mustBe: 'the number of an execution, as `mallsync status` shows it',
  }),
  status: setting(
    z
      .string()
      .transform((text) => text.toUpperCase())
      .pipe(z.enum(STATUSES))
      .default('OPEN')
      .transform((status) => (status === 'ALL' ? undefined : status)),
    {
      flag: '--status <status>',
      description: `Only these: ${STATUSES.join(', ')}`,
      defaultText: 'OPEN',
      mustBe: `one of ${STATUSES.join(', ')}`,
    },
  ),
};

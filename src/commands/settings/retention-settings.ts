import { setting } from './setting.ts';
import { wholeNumber } from './values.ts';

const MOST_DAYS = 36_500;

/** How long `prune` and `serve` keep what is not data. */
export const RETENTION_SETTINGS = {
  rejectedDays: setting(wholeNumber(1, MOST_DAYS).default(180), {
    flag: '--rejected-days <days>',
    env: 'MALLSYNC_REJECTED_DAYS',
    description: 'How long rejected rows are kept',
    mustBe: `a whole number of days from 1 to ${MOST_DAYS}`,
  }),
  historyDays: setting(wholeNumber(1, MOST_DAYS).default(400), {
    flag: '--history-days <days>',
    env: 'MALLSYNC_HISTORY_DAYS',
    description: 'How long executions, windows, requests and audit entries are kept',
    mustBe: `a whole number of days from 1 to ${MOST_DAYS}`,
  }),
};

import { setting } from './setting.ts';
import { domainTypes, mallIds, wholeNumber } from './values.ts';

/** Settings that narrow what a command shows or works on. */

const ANY_NUMBER = Number.MAX_SAFE_INTEGER;

export const MALLS_SELECTION = {
  malls: setting(mallIds.optional(), {
    flag: '--malls <numbers>',
    isList: true,
    description: 'Only these malls',
    defaultText: 'all malls',
    mustBe: 'numbers of malls divided by commas, like 1,2,3',
  }),
  mall: setting(wholeNumber(1, ANY_NUMBER).optional(), {
    flag: '--mall <number>',
    description: 'Only this mall',
    mustBe: 'the number of a mall, as `mallsync malls list` shows it',
  }),
};

/** The malls of `--malls` and `--mall` together; undefined when neither was given. */
export function selectedMalls(settings: {
  readonly malls?: readonly number[] | undefined;
  readonly mall?: number | undefined;
}): readonly number[] | undefined {
  const { malls, mall } = settings;
  if (malls === undefined && mall === undefined) return undefined;
  return [...new Set([...(malls ?? []), ...(mall === undefined ? [] : [mall])])];
}

export const DOMAINS_SELECTION = {
  domains: setting(domainTypes.optional(), {
    flag: '--domain <type>',
    isList: true,
    description: 'Only MEMBER, ORDER or SALES; several divided by commas',
    defaultText: 'ALL',
    mustBe: 'MEMBER, ORDER, SALES or ALL, several divided by commas',
  }),
};

export const PAGING_SETTINGS = {
  limit: setting(wholeNumber(1, 1_000).default(50), {
    flag: '--limit <rows>',
    description: 'How many are shown',
    mustBe: 'a whole number from 1 to 1000',
  }),
  after: setting(wholeNumber(1, ANY_NUMBER).optional(), {
    flag: '--after <id>',
    description: 'Go on behind the last id of an earlier page',
    mustBe: 'the number that the page before ended with',
  }),
};

import { setting } from '../settings/setting.ts';
import { mallIds, wholeNumber } from '../settings/values.ts';

export const MALL_ARGUMENT = {
  mallId: setting(wholeNumber(1, Number.MAX_SAFE_INTEGER), {
    argument: '<mall>',
    description: 'The mall’s number',
    mustBe: 'the number of a mall, as `mallsync malls list` shows it',
  }),
};

export const MALLS_ARGUMENT = {
  mallIds: setting(mallIds, {
    argument: '<malls>',
    isList: true,
    description: 'Numbers of malls, divided by commas',
    mustBe: 'numbers of malls divided by commas, like 1,2,3',
  }),
};

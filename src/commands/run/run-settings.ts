import { z } from 'zod';
import { setting } from '../settings/setting.ts';
import { domainTypes, mallIds, wholeNumber } from '../settings/values.ts';
import { checkPeriod, PERIOD_SETTINGS } from './period-settings.ts';

export const DOMAIN_SETTINGS = {
  domains: setting(domainTypes.default(['MEMBER', 'ORDER', 'SALES']), {
    flag: '--domain <type>',
    isList: true,
    description: 'MEMBER, ORDER, SALES or ALL; commas or again for several',
    defaultText: 'ALL',
    mustBe: 'MEMBER, ORDER, SALES or ALL, several divided by commas',
  }),
};

export const MALLS_SETTINGS = {
  malls: setting(
    z
      .union([
        z
          .array(z.literal('all'))
          .length(1)
          .transform(() => 'all' as const),
        mallIds,
      ])
      .default('all'),
    {
      flag: '--malls <ids>',
      isList: true,
      description: 'Numbers of malls, active or not; or all active ones',
      defaultText: 'all',
      mustBe: 'numbers of malls divided by commas, or all',
    },
  ),
};

export const PAGE_SIZE_SETTINGS = {
  pageSize: setting(wholeNumber(1, 1000).default(1000), {
    flag: '--page-size <rows>',
    description: 'Rows a page, which is one API call and one transaction',
    mustBe: 'a whole number from 1 to 1000',
  }),
};

export const PARALLEL_SETTINGS = {
  parallel: setting(wholeNumber(1, 64).default(8), {
    flag: '--parallel <number>',
    env: 'MALLSYNC_PARALLEL',
    description: 'Executions at once',
    mustBe: 'a whole number from 1 to 64',
  }),
  threads: setting(
    wholeNumber(1, 64)
      .optional()
      .transform((threads) => threads ?? null),
    {
      flag: '--threads <number>',
      env: 'MALLSYNC_THREADS',
      description: 'Threads to share the executions',
      defaultText: 'one a core where there is enough work',
      mustBe: 'a whole number from 1 to 64',
    },
  ),
};

export const RUN_SETTINGS = {
  ...DOMAIN_SETTINGS,
  ...PERIOD_SETTINGS,
  ...MALLS_SETTINGS,
  ...PAGE_SIZE_SETTINGS,
  ...PARALLEL_SETTINGS,
  attempt: setting(wholeNumber(1, 1_000_000).optional(), {
    flag: '--attempt <number>',
    description: 'The attempt’s number; a used one becomes the next free one',
    defaultText: 'the next free one',
    mustBe: 'a whole number from 1',
  }),
  reprocess: setting(z.boolean().default(false), {
    flag: '--reprocess',
    description: 'Read what is complete again; needs --reason',
    mustBe: 'given or not',
  }),
  reason: setting(z.string().trim().min(1).max(500).optional(), {
    flag: '--reason <text>',
    description: 'Why; kept with the execution',
    mustBe: 'a text of 1 to 500 letters',
  }),
};

interface CheckedSettings {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly reprocess: boolean;
  readonly reason?: string | undefined;
}

export function checkRunSettings(settings: CheckedSettings, context: z.core.$RefinementCtx): void {
  checkPeriod(settings, context);
  if (settings.reprocess && settings.reason === undefined) {
    context.addIssue({ code: 'custom', path: ['reason'], message: 'is missing: --reprocess needs it' });
  }
}

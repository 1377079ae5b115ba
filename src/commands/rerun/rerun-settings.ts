import { z } from 'zod';
import { executionSettings } from '../run/execution-settings.ts';
import { checkPeriod } from '../run/period-settings.ts';
import { PARALLEL_SETTINGS, RUN_SETTINGS } from '../run/run-settings.ts';
import { DOMAINS_SELECTION, MALLS_SELECTION, selectedMalls } from '../settings/selection-settings.ts';
import { setting } from '../settings/setting.ts';
import { DIRECT_DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { SINCE_SETTINGS } from '../settings/since-settings.ts';
import { mallIds, seoulTime, wholeNumber } from '../settings/values.ts';

const TIME = 'a time of Asia/Seoul like 2025-12-01T00:00:00';

const SHAPE = {
  ...executionSettings.shape,
  ...DIRECT_DATABASE_SETTINGS,
  ...JSON_SETTINGS,
  failed: setting(z.boolean().default(false), {
    flag: '--failed',
    description: 'Whatever failed or was left behind, and was not mended since',
    mustBe: 'given or not',
  }),
  executions: setting(mallIds.optional(), {
    flag: '--execution <numbers>',
    isList: true,
    description: 'The mall, domain type and period of these executions',
    mustBe: 'numbers of executions divided by commas, as `mallsync status` shows them',
  }),
  ...MALLS_SELECTION,
  ...DOMAINS_SELECTION,
  ...SINCE_SETTINGS,
  start: setting(seoulTime.optional(), {
    flag: '--start <time>',
    description: 'Begin of a period, Asia/Seoul, whether it ever ran or not',
    mustBe: TIME,
  }),
  end: setting(seoulTime.optional(), {
    flag: '--end <time>',
    description: 'End of that period, that second included; midnight ends the day before',
    mustBe: TIME,
  }),
  pageSize: setting(wholeNumber(1, 1000).optional(), {
    flag: '--page-size <rows>',
    description: 'Rows a page',
    defaultText: 'as before; 1000 for what never ran',
    mustBe: 'a whole number from 1 to 1000',
  }),
  reprocess: RUN_SETTINGS.reprocess,
  reason: RUN_SETTINGS.reason,
  key: setting(
    z
      .string()
      .regex(/^[\w.:-]{1,100}$/)
      .optional(),
    {
      flag: '--key <text>',
      description: 'An idempotency key: the same key asks for the same once, however often it is sent',
      defaultText: 'a new one',
      mustBe: 'up to 100 letters, digits, dots, colons, dashes or underscores',
    },
  ),
  wait: setting(z.boolean().default(false), {
    flag: '--wait',
    description: 'Also wait for the end of what a server took; what no server takes within 5 s runs here',
    mustBe: 'given or not',
  }),
  queue: setting(z.boolean().default(false), {
    flag: '--queue',
    description: 'Only write the requests, for a server that comes later',
    mustBe: 'given or not',
  }),
  ...PARALLEL_SETTINGS,
};

export const rerunSettings = z.object(SHAPE).superRefine(check);

export type RerunSettings = z.output<typeof rerunSettings>;

type Wish = z.output<z.ZodObject<typeof SHAPE>>;

function check(settings: Wish, context: z.core.$RefinementCtx): void {
  const refuse = (key: keyof Wish, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
  checkPeriod(settings, context);
  const { failed, executions, start, reprocess, since } = settings;
  const hasMalls = selectedMalls(settings) !== undefined;
  const ways = [failed, executions !== undefined, start !== undefined].filter(Boolean).length;
  if (ways === 0 && !hasMalls) {
    refuse('failed', 'is missing: say what to run again with --failed, --execution, --malls, or --start and --end');
  }
  if (ways > 1) refuse('failed', 'must be alone: --failed, --execution and --start each say what to run again');
  if (executions !== undefined && (hasMalls || settings.domains !== undefined || since !== undefined)) {
    refuse('executions', 'must be alone: an execution has its mall, domain type and period');
  }
  if (reprocess && failed) refuse('reprocess', 'must be left out: --failed goes on with what is not complete');
  if (reprocess && settings.reason === undefined) refuse('reason', 'is missing: --reprocess needs it');
  if (reprocess && ways === 0 && since === undefined) {
    refuse('since', 'is missing: --reprocess of all that a mall ever ran is never meant');
  }
  if (start !== undefined && since !== undefined) refuse('since', 'must be left out: --start and --end say it all');
  if (settings.wait && settings.queue) refuse('queue', 'must be left out: --wait waits for what it would leave');
}

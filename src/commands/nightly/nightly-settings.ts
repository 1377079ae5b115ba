import { z } from 'zod';
import { parseSeoulTime } from '../../domain/seoul-time.ts';
import { PAGE_SIZE_SETTINGS } from '../run/run-settings.ts';
import { KUBERNETES_SETTINGS } from '../settings/kubernetes-settings.ts';
import { NIGHT_SETTINGS } from '../settings/night-settings.ts';
import { DOMAINS_SELECTION } from '../settings/selection-settings.ts';
import { setting } from '../settings/setting.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';

const SHAPE = {
  ...DATABASE_SETTINGS,
  ...KUBERNETES_SETTINGS,
  ...JSON_SETTINGS,
  scheduledAtMs: setting(
    z.iso
      .datetime({ offset: true })
      .transform((text) => Date.parse(text))
      .optional(),
    {
      flag: '--scheduled-at <time>',
      env: 'MALLSYNC_SCHEDULED_AT',
      description: 'When the night was due; the day before it, in Asia/Seoul, is read',
      defaultText: 'now, by the database’s clock',
      mustBe: 'a time with its offset, like 2025-12-18T00:00:00+09:00',
    },
  ),
  scheduledJob: setting(
    z
      .string()
      .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/)
      .optional(),
    {
      flag: '--scheduled-job <name>',
      env: 'MALLSYNC_SCHEDULED_JOB',
      description:
        'The Job that this runs in: where a CronJob made it, its name says when the night was due; --scheduled-at wins',
      mustBe: 'the name of a Job',
    },
  ),
  ...NIGHT_SETTINGS,
  ...PAGE_SIZE_SETTINGS,
  ...DOMAINS_SELECTION,
  reread: setting(z.boolean().default(false), {
    flag: '--reread',
    description: 'Instead of the night: everything since each mall’s first day, once more',
    mustBe: 'given or not',
  }),
  sinceMs: setting(
    z
      .string()
      .transform((text, context): number => {
        const instantMs = parseSeoulTime(`${text}T00:00:00`);
        if (instantMs !== undefined) return instantMs;
        context.issues.push({ code: 'custom', message: 'Invalid input', input: text });
        return z.NEVER;
      })
      .optional(),
    {
      flag: '--since <day>',
      description: 'With --reread: the first day for every mall, whatever was read of it before',
      defaultText: 'each mall’s own',
      mustBe: 'a day of Asia/Seoul like 2025-12-01',
    },
  ),
  dryRun: setting(z.boolean().default(false), {
    flag: '--dry-run',
    description: 'Only print the MallSyncs, as `kubectl apply -f -` takes them',
    mustBe: 'given or not',
  }),
};

export const nightlySettings = z.object(SHAPE).superRefine(({ reread, sinceMs }, context) => {
  if (sinceMs === undefined || reread) return;
  context.addIssue({ code: 'custom', path: ['sinceMs'], message: 'must be left out: it is for --reread' });
});

export type NightlySettings = z.output<typeof nightlySettings>;

import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { DOMAINS_SELECTION, MALLS_SELECTION } from '../settings/selection-settings.ts';
import { setting } from '../settings/setting.ts';
import { EXECUTION_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { createUsageError } from '../usage-error.ts';

export const rerunCommand = defineCommand({
  name: 'rerun',
  summary: 'Ask for a period to be read again, or re-run what failed',
  settings: z.object({
    ...EXECUTION_SETTINGS,
    ...JSON_SETTINGS,
    ...MALLS_SELECTION,
    ...DOMAINS_SELECTION,
    failed: setting(z.boolean().default(false), {
      flag: '--failed',
      description: 'Whatever failed and was not mended since',
      mustBe: 'given or not',
    }),
  }),
  examples: [['rerun --failed', 'only what failed']],
  run() {
    throw createUsageError('--failed, --execution, or --domain with --start and --end is missing');
  },
});

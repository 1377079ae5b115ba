import { z } from 'zod';
import { defineCommand } from './command.ts';
import { setting } from './settings/setting.ts';
import { DATABASE_SETTINGS, ENCRYPTION_SETTINGS, JSON_SETTINGS } from './settings/shared-settings.ts';
import { wholeNumber } from './settings/values.ts';
import { createUsageError } from './usage-error.ts';

export const eraseCommand = defineCommand({
  name: 'erase',
  summary: 'Remove one member everywhere, for good',
  settings: z.object({
    ...DATABASE_SETTINGS,
    ...ENCRYPTION_SETTINGS,
    ...JSON_SETTINGS,
    mallId: setting(wholeNumber(1, Number.MAX_SAFE_INTEGER), {
      flag: '--mall <number>',
      description: 'The mall the member belongs to',
      mustBe: 'the number of a mall, as `mallsync malls list` shows it',
    }),
    memberId: setting(z.string().min(1).max(500), {
      flag: '--member <id>',
      description: 'The member’s id at the mall',
      mustBe: 'the id of a member, as the API names it',
    }),
  }),
  examples: [['erase --mall 7 --member hong', 'from data, extra fields and error rows; no re-read brings them back']],
  run() {
    throw createUsageError('--member cannot be erased yet');
  },
});

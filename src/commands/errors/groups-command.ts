import { z } from 'zod';
import { createErrorLog } from '../../adapters/postgres/error-log.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { useDatabase } from '../use-database.ts';

export const groupsCommand = defineCommand({
  name: 'groups',
  summary: 'Rejected rows by cause, the largest group first',
  settings: z.object({ ...DATABASE_SETTINGS, ...JSON_SETTINGS }),
  examples: [['errors groups', 'what is open']],
  async run(settings, io) {
    const groups = await useDatabase(settings, { name: 'errors groups' }, ({ pool }) =>
      createErrorLog({ pool }).listGroups({ status: 'OPEN' }),
    );
    printJson(io, { groups });
    return EXIT.ok;
  },
});

import { z } from 'zod';
import { EXIT } from '../domain/exit-code.ts';
import { defineCommand } from './command.ts';
import { printJson } from './print.ts';
import { RETENTION_SETTINGS } from './settings/retention-settings.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from './settings/shared-settings.ts';
import { useDatabase } from './use-database.ts';

export const pruneCommand = defineCommand({
  name: 'prune',
  summary: 'Remove what is past its retention',
  settings: z.object({ ...DATABASE_SETTINGS, ...JSON_SETTINGS, ...RETENTION_SETTINGS }),
  examples: [['prune', 'what is past its retention; data, instances and coverage stay']],
  async run(settings, io) {
    const removed = await useDatabase(settings, { name: 'prune' }, () => Promise.resolve([]));
    printJson(io, { removed });
    return EXIT.ok;
  },
});

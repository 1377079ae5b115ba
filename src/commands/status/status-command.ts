import { z } from 'zod';
import { findExecution, listExecutions } from '../../adapters/postgres/execution-store.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { PAGING_SETTINGS } from '../settings/selection-settings.ts';
import { setting } from '../settings/setting.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { wholeNumber } from '../settings/values.ts';
import { useDatabase } from '../use-database.ts';

export const statusCommand = defineCommand({
  name: 'status',
  summary: 'What ran, how it ended, and what is missing',
  settings: z.object({
    ...DATABASE_SETTINGS,
    ...JSON_SETTINGS,
    ...PAGING_SETTINGS,
    executionId: setting(wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(), {
      argument: '[execution]',
      description: 'One execution, with its windows and attempts',
      mustBe: 'the number of an execution',
    }),
  }),
  examples: [['status', 'the newest executions']],
  async run(settings, io) {
    const executions = await useDatabase(settings, { name: 'status' }, async (database) =>
      settings.executionId === undefined
        ? await listExecutions(database, { limit: settings.limit })
        : [await findExecution(database, settings.executionId)],
    );
    printJson(io, { executions });
    return EXIT.ok;
  },
});

import { z } from 'zod';
import { createErrorLog } from '../../adapters/postgres/error-log.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { PAGING_SETTINGS } from '../settings/selection-settings.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { useDatabase } from '../use-database.ts';
import { ERROR_FILTER } from './error-settings.ts';
import { renderEntries, toEntryDocument } from './error-text.ts';

export const listCommand = defineCommand({
  name: 'list',
  summary: 'Rejected rows, the newest first; their payloads are masked',
  settings: z.object({ ...DATABASE_SETTINGS, ...JSON_SETTINGS, ...ERROR_FILTER, ...PAGING_SETTINGS }),
  examples: [
    ['errors list', 'what is open'],
    ['errors list --execution 918 --status all', 'all that one execution met'],
    ['errors list --fingerprint MEMBER:VALIDATE:BAD_DATE:created_date --json', 'one group, with the masked payloads'],
  ],
  async run(settings, io) {
    const { entries, nextBeforeId } = await useDatabase(settings, { name: 'errors list' }, ({ pool }) =>
      createErrorLog({ pool }).listEntries(settings, settings.limit, settings.after),
    );
    if (settings.json) printJson(io, { entries: entries.map(toEntryDocument), nextAfter: nextBeforeId });
    else if (entries.length === 0) io.stdout.write('no rejected rows that fit\n');
    else {
      const more = nextBeforeId === null ? '' : `\nolder ones: --after ${nextBeforeId}\n`;
      io.stdout.write(`${renderEntries(entries)}\n${more}`);
    }
    return EXIT.ok;
  },
});

import { z } from 'zod';
import type { ErrorGroup } from '../../adapters/postgres/error-log.ts';
import { createErrorLog } from '../../adapters/postgres/error-log.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { useDatabase } from '../use-database.ts';
import { ERROR_FILTER } from './error-settings.ts';
import { isOfExecutions, renderGroups, toGroupDocument } from './error-text.ts';

export const groupsCommand = defineCommand({
  name: 'groups',
  summary: 'Rejected rows by cause, the largest group first',
  settings: z.object({ ...DATABASE_SETTINGS, ...JSON_SETTINGS, ...ERROR_FILTER }),
  examples: [
    ['errors groups', 'what is open'],
    ['errors groups --mall 7 --status ignored', 'what is ignored of one mall'],
  ],
  async run(settings, io) {
    const groups = await useDatabase(settings, { name: 'errors groups' }, ({ pool }) =>
      createErrorLog({ pool }).listGroups(settings),
    );
    if (settings.json) printJson(io, { groups: groups.map(toGroupDocument) });
    else if (groups.length === 0) io.stdout.write('no rejected rows that fit\n');
    else io.stdout.write(`${renderGroups(groups)}\n${settings.status === 'OPEN' ? renderNextSteps(groups) : ''}`);
    return EXIT.ok;
  },
});

function renderNextSteps(groups: readonly ErrorGroup[]): string {
  const ofRows = groups.find((group) => !isOfExecutions(group));
  return [
    '\n',
    ...(ofRows === undefined
      ? []
      : [`Read the rows of a group again:  mallsync errors replay --fingerprint ${ofRows.fingerprint}\n`]),
    ...(groups.some(isOfExecutions) ? ['Run again what failed as a whole: mallsync rerun --failed\n'] : []),
  ].join('');
}

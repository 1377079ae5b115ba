import { z } from 'zod';
import { eraseMember } from '../adapters/postgres/erase.ts';
import { parseKeyRing } from '../adapters/postgres/key-ring.ts';
import { createMallStore } from '../adapters/postgres/mall-store.ts';
import { EXIT } from '../domain/exit-code.ts';
import { audited } from './audit.ts';
import { defineCommand } from './command.ts';
import { PERSONAL_TABLES } from './personal-tables.ts';
import { printJson } from './print.ts';
import { setting } from './settings/setting.ts';
import { DATABASE_SETTINGS, ENCRYPTION_SETTINGS, JSON_SETTINGS } from './settings/shared-settings.ts';
import { wholeNumber } from './settings/values.ts';
import { createUsageError } from './usage-error.ts';
import { useDatabase } from './use-database.ts';

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
      description: 'The member’s id at the mall, as the API names it',
      mustBe: 'the id of a member, as the API names it',
      isSecret: true,
    }),
  }),
  examples: [['erase --mall 7 --member hong', 'from data, extra fields and error rows; no re-read brings them back']],
  async run(settings, io) {
    const { mallId, memberId } = settings;
    const ring = parseKeyRing(settings.encryptionKeys);
    const erased = await useDatabase(settings, { name: 'erase' }, async (database) => {
      const { pool } = database;
      if ((await createMallStore({ pool }).findMall(mallId)) === null) {
        throw createUsageError(`--mall must be a registered mall; there is no mall ${mallId}`);
      }
      // the audit log names the member by the keyed hash only
      return await audited(pool, io, { action: 'erase', target: `mall ${mallId}` }, async () => {
        const { interruptedExecutions, ...rest } = await eraseMember(
          database,
          ring,
          { mallId, memberId },
          PERSONAL_TABLES,
        );
        const result = { mallId, ...rest, interruptedExecutions };
        return { result, detail: { ...rest, interruptedExecutions: interruptedExecutions.length } };
      });
    });
    if (settings.json) printJson(io, erased);
    else io.stdout.write(describe(erased));
    return EXIT.ok;
  },
});

interface Erased {
  readonly mallId: number;
  readonly rows: number;
  readonly logEntries: number;
  readonly interruptedExecutions: readonly number[];
}

function describe({ mallId, rows, logEntries, interruptedExecutions }: Erased): string {
  const runs = interruptedExecutions.length;
  return [
    `the member is erased from mall ${mallId}: ${rows} rows, ${logEntries} entries of the error log\n`,
    'no later reading brings the member back; what the mall’s own Cafe24 keeps is not touched\n',
    ...(runs === 0 ? [] : [`${runs} executions under way lose their lease and go on under a new claim\n`]),
  ].join('');
}

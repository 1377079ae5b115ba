import { z } from 'zod';
import type { ErrorLog } from '../../adapters/postgres/error-log.ts';
import { createErrorLog } from '../../adapters/postgres/error-log.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { findActor } from '../actor.ts';
import { audited } from '../audit.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { setting } from '../settings/setting.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { createUsageError } from '../usage-error.ts';
import { useDatabase } from '../use-database.ts';
import { ERROR_FILTER, FINGERPRINT_SETTINGS } from './error-settings.ts';

export const ignoreCommand = defineCommand({
  name: 'ignore',
  summary: 'Settle a group as not worth mending; no replay takes it, no alert counts it',
  settings: z.object({
    ...DATABASE_SETTINGS,
    ...JSON_SETTINGS,
    ...FINGERPRINT_SETTINGS,
    mallId: ERROR_FILTER.mallId,
    reason: setting(z.string().trim().min(1).max(500), {
      flag: '--reason <text>',
      description: 'Why; kept in the audit log',
      mustBe: 'a text of 1 to 500 letters',
    }),
  }),
  examples: [
    [
      'errors ignore --fingerprint MEMBER:VALIDATE:BAD_DATE:created_date --reason "test accounts"',
      'all open rows of the group',
    ],
  ],
  async run(settings, io) {
    const { fingerprint, mallId, reason } = settings;
    const ignored = await useDatabase(settings, { name: 'errors ignore' }, async ({ pool }) => {
      const errors = createErrorLog({ pool });
      await assertGroupExists(errors, fingerprint, mallId);
      return await audited(pool, io, { action: 'errors ignore', target: fingerprint }, async () => {
        const selection = { kind: 'group', fingerprint, mallId } as const;
        const changed = await errors.ignore(selection, findActor(io.environment));
        return { result: changed, detail: { reason, mallId: mallId ?? null, entries: changed } };
      });
    });
    if (settings.json) printJson(io, { fingerprint, ignored });
    else io.stdout.write(`${ignored} entries of ${fingerprint} are ignored from now on\n`);
    return EXIT.ok;
  },
});

async function assertGroupExists(errors: ErrorLog, fingerprint: string, mallId: number | undefined): Promise<void> {
  if ((await errors.listGroups({ fingerprint, mallId })).length > 0) return;
  const where = mallId === undefined ? '' : ` of mall ${mallId}`;
  throw createUsageError(`--fingerprint must be a known group; there is no ${fingerprint}${where}`);
}

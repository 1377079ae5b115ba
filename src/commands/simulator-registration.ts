import { z } from 'zod';
import type { SimulatedMall } from '../simulator/mall.ts';
import { toImportFile } from '../simulator/demo-fleet.ts';
import { audited } from './audit.ts';
import type { CommandIo } from './command.ts';
import { importMalls, toImportDetail } from '../adapters/postgres/import-malls.ts';
import { setting, sourceOf } from './settings/setting.ts';
import { DATABASE_SETTINGS, ENCRYPTION_SETTINGS } from './settings/shared-settings.ts';
import { useDatabase } from './use-database.ts';

const { databaseUrl, databaseSchema } = DATABASE_SETTINGS;
const { encryptionKeys } = ENCRYPTION_SETTINGS;

/** What `--register` needs. */
export const registrationSettings = z.object({ databaseUrl, databaseSchema, encryptionKeys });

export const REGISTRATION_SETTINGS = {
  register: setting(z.boolean().default(false), {
    flag: '--register',
    description:
      'Bring the malls into the database, with the credentials that work here; what stands there is replaced',
    mustBe: 'given or not',
  }),
  databaseUrl: onlyToRegister(databaseUrl),
  databaseSchema,
  encryptionKeys: onlyToRegister(encryptionKeys),
};

function onlyToRegister(field: z.ZodType<string>) {
  const source = sourceOf(field);
  return setting(field.optional(), { ...source, description: `With --register: ${source.description}` });
}

/**
 * The simulator begins anew with each start, and so do its tokens: the stored ones are replaced by force.
 * @throws TerminalError ConfigInvalid where a mall's number or name is another mall's already
 */
export async function registerMalls(
  fleet: readonly SimulatedMall[],
  seed: number,
  settings: z.output<typeof registrationSettings>,
  io: CommandIo,
): Promise<void> {
  await useDatabase(settings, { name: 'simulator' }, (database) =>
    audited(database.pool, io, { action: 'simulator register', target: 'malls' }, async () => {
      const options = { encryptionKeys: settings.encryptionKeys, isForced: true };
      const imported = await importMalls(database, toImportFile(fleet, seed), options);
      return { result: undefined, detail: toImportDetail(imported, options.isForced) };
    }),
  );
}

import { z } from 'zod';
import { migrate } from '../adapters/postgres/migrate.ts';
import { EXIT } from '../domain/exit-code.ts';
import { defineCommand } from './command.ts';
import { printJson } from './print.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from './settings/shared-settings.ts';
import { useAnyDatabase } from './use-database.ts';
import { readVersion } from './version.ts';

export const migrateCommand = defineCommand({
  name: 'migrate',
  summary: 'Bring the database to this version',
  settings: z.object({ ...DATABASE_SETTINGS, ...JSON_SETTINGS }),
  examples: [['migrate', 'apply what is missing; several at once wait for each other']],
  async run(settings, io) {
    const { applied } = await useAnyDatabase(settings, { name: 'migrate' }, (database) =>
      migrate(database, readVersion()),
    );
    if (settings.json) printJson(io, { applied });
    else if (applied.length === 0) io.stdout.write('nothing to apply\n');
    else io.stdout.write(applied.map((name) => `applied ${name}\n`).join(''));
    return EXIT.ok;
  },
});

import { z } from 'zod';
import type { Database } from '../adapters/postgres/database.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import { systemClock } from '../domain/clock.ts';
import { EXIT } from '../domain/exit-code.ts';
import { awaitDatabase } from './await-database.ts';
import { defineCommand } from './command.ts';
import { createCommandLog } from './log.ts';
import { printJson } from './print.ts';
import { setting } from './settings/setting.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from './settings/shared-settings.ts';
import { wholeNumber } from './settings/values.ts';
import { useAnyDatabase } from './use-database.ts';
import { readVersion } from './version.ts';

export const migrateCommand = defineCommand({
  name: 'migrate',
  summary: 'Bring the database to this version',
  settings: z.object({
    ...DATABASE_SETTINGS,
    ...JSON_SETTINGS,
    waitSeconds: setting(wholeNumber(0, 86_400).default(0), {
      flag: '--wait <seconds>',
      env: 'MALLSYNC_DATABASE_WAIT_SECONDS',
      description: 'How long to wait for a database that does not answer yet',
      mustBe: 'a whole number of seconds up to a day',
    }),
  }),
  examples: [
    ['migrate', 'apply what is missing; several at once wait for each other'],
    ['migrate --wait 300', 'the same beside a database that is just being started'],
  ],
  async run(settings, io) {
    const log = createCommandLog(settings, io);
    const { waitSeconds } = settings;
    const patience = {
      waitSeconds,
      clock: systemClock,
      signal: io.signal,
      onWait: (error: unknown) =>
        log.info('the database does not answer yet, it is waited for', { waitSeconds, error }),
    };
    const { applied } = await useAnyDatabase(settings, { name: 'migrate' }, async (database) => {
      await awaitDatabase(() => connectOnce(database), patience);
      return await migrate(database, readVersion());
    });
    if (settings.json) printJson(io, { applied });
    else if (applied.length === 0) io.stdout.write('nothing to apply\n');
    else io.stdout.write(applied.map((name) => `applied ${name}\n`).join(''));
    return EXIT.ok;
  },
});

async function connectOnce(database: Database): Promise<void> {
  const client = await database.connectDirect();
  await client.end();
}

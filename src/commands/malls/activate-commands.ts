import { z } from 'zod';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { audited } from '../audit.ts';
import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { useDatabase } from '../use-database.ts';
import { MALLS_ARGUMENT } from './mall-setting.ts';

export const activateCommand = defineActivation('activate', true, 'Read these malls from the next night on');
export const deactivateCommand = defineActivation('deactivate', false, 'Leave these malls out; their data stays');

function defineActivation(name: string, isActive: boolean, summary: string): Command {
  return defineCommand({
    name,
    summary,
    settings: z.object({ ...DATABASE_SETTINGS, ...JSON_SETTINGS, ...MALLS_ARGUMENT }),
    examples: [[`malls ${name} 7,8`, 'two malls; an unknown number changes nothing']],
    async run(settings, io) {
      const subject = { action: `malls ${name}`, target: `malls ${settings.mallIds.join(',')}` };
      await useDatabase(settings, { name: `malls ${name}` }, (database) =>
        audited(database.pool, io, subject, async () => ({
          result: await createMallStore(database).saveActive(settings.mallIds, isActive),
          detail: {},
        })),
      );
      const malls = settings.mallIds.map((mallId) => ({ mallId, active: isActive }));
      if (settings.json) printJson(io, { malls });
      else
        io.stdout.write(malls.map(({ mallId }) => `mall ${mallId} is ${isActive ? 'active' : 'inactive'}\n`).join(''));
      return EXIT.ok;
    },
  });
}

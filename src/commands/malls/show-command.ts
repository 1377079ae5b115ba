import { z } from 'zod';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { createUsageError } from '../usage-error.ts';
import { useDatabase } from '../use-database.ts';
import { toMallDocument } from './mall-document.ts';
import { MALL_ARGUMENT } from './mall-setting.ts';

export const showCommand = defineCommand({
  name: 'show',
  summary: 'Show one mall',
  settings: z.object({ ...DATABASE_SETTINGS, ...JSON_SETTINGS, ...MALL_ARGUMENT }),
  examples: [['malls show 7', 'all that is configured of mall 7, without its secrets']],
  async run(settings, io) {
    const mall = await useDatabase(settings, { name: 'malls show' }, ({ pool }) =>
      createMallStore({ pool }).findMall(settings.mallId),
    );
    if (mall === null) throw createUsageError(`<mall> must be a registered mall; there is no mall ${settings.mallId}`);
    const document = toMallDocument(mall);
    if (settings.json) printJson(io, document);
    else
      io.stdout.write(
        Object.entries(document)
          .map(([key, value]) => toLine(key, value))
          .join(''),
      );
    return EXIT.ok;
  },
});

function toLine(key: string, value: unknown): string {
  return `${key.padEnd(14)} ${typeof value === 'string' ? value : JSON.stringify(value)}\n`;
}

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { importMalls, toImportDetail } from '../../adapters/postgres/import-malls.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { CommandIo } from '../command.ts';
import { audited } from '../audit.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { setting } from '../settings/setting.ts';
import { DATABASE_SETTINGS, ENCRYPTION_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { createUsageError } from '../usage-error.ts';
import { useDatabase } from '../use-database.ts';
import { describeImport } from './import-text.ts';

export const importCommand = defineCommand({
  name: 'import',
  summary: 'Add or update the malls of a JSON list, all or none',
  settings: z.object({
    ...DATABASE_SETTINGS,
    ...ENCRYPTION_SETTINGS,
    ...JSON_SETTINGS,
    file: setting(z.string().min(1), {
      argument: '<file>',
      description:
        'A JSON list of {mallId, cafe24MallId, name, active, domainTypes, shopNos, labels, clientId, clientSecret, refreshToken}; - reads standard input',
      mustBe: 'the path of a JSON file, or - for standard input',
    }),
    force: setting(z.boolean().default(false), {
      flag: '--force',
      description: 'Replace credentials that work, too',
      mustBe: 'given or not',
    }),
  }),
  examples: [
    ['malls import malls.json', 'register a list; running it again changes nothing'],
    ['malls import - < malls.json', 'the same from standard input'],
  ],
  async run(settings, io) {
    const content = await readContent(settings.file, io);
    const imported = await useDatabase(settings, { name: 'malls import' }, (database) =>
      audited(database.pool, io, { action: 'malls import', target: 'malls' }, async () => {
        const result = await importMalls(database, content, {
          encryptionKeys: settings.encryptionKeys,
          isForced: settings.force,
        });
        return { result, detail: toImportDetail(result, settings.force) };
      }),
    );
    if (settings.json) printJson(io, { malls: imported });
    else io.stdout.write(imported.map(describeImport).join(''));
    return EXIT.ok;
  },
});

async function readContent(file: string, io: CommandIo): Promise<unknown> {
  const text = file === '-' ? await io.readStdin() : await readText(file);
  try {
    return JSON.parse(text);
  } catch {
    throw createUsageError(`<file> must be a JSON list of malls; ${file} is not JSON`);
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw createUsageError(`<file> must be a file that can be read; ${file} cannot (${code})`);
  }
}

import type { z } from 'zod';
import { CATALOG } from '../catalog.ts';
import type { Command } from '../command.ts';
import type { SettingSource } from './setting.ts';
import { isRequired, sourceOf, toDefaultText } from './setting.ts';

interface Row {
  readonly source: SettingSource;
  readonly fallback: string;
  readonly commands: Set<string>;
}

/** The README's table of all environment variables, from the commands' schemas. */
export async function renderSettingsTable(): Promise<string> {
  const rows = new Map<string, Row>();
  for (const { name, command } of await loadCommands()) {
    for (const field of Object.values(command.settings.shape)) {
      const source = sourceOf(field);
      if (source.env === undefined) continue;
      const row = rows.get(source.env) ?? { source, fallback: toFallback(field), commands: new Set() };
      row.commands.add(name);
      rows.set(source.env, row);
    }
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([env, row]) => `| \`${env}\` | ${row.source.description} | ${row.fallback} | ${[...row.commands].join(', ')} |`,
    );
  return ['| variable | meaning | default | commands |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

async function loadCommands(): Promise<readonly { readonly name: string; readonly command: Command }[]> {
  const loaded = await Promise.all(CATALOG.map(async (entry) => ({ name: entry.name, value: await entry.load() })));
  return loaded.flatMap(({ name, value }) =>
    ('commands' in value ? value.commands : [value]).map((command) => ({ name, command })),
  );
}

function toFallback(field: z.core.$ZodType): string {
  if (isRequired(field)) return 'required';
  const text = toDefaultText(field);
  if (text === undefined) return '';
  return sourceOf(field).defaultText === undefined ? `\`${text}\`` : text;
}

if (import.meta.main) process.stdout.write(`${await renderSettingsTable()}\n`);

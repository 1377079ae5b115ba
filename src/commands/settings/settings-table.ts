import type { z } from 'zod';
import { CATALOG } from '../catalog.ts';
import type { Command } from '../command.ts';
import { isRequired, sourceOf, toDefaultText } from './setting.ts';

interface Row {
  readonly field: z.core.$ZodType;
  readonly commands: string[];
}

interface Named {
  /** As it is typed, a group's name in front. */
  readonly name: string;
  readonly group: string;
  readonly command: Command;
}

/** The README's table of all environment variables, from the commands' schemas. */
export async function renderSettingsTable(): Promise<string> {
  const commands = await loadCommands();
  const rows = new Map<string, Row>();
  for (const { name, command } of commands) {
    for (const field of Object.values(command.settings.shape)) {
      const { env } = sourceOf(field);
      if (env === undefined) continue;
      const row: Row = rows.get(env) ?? { field, commands: [] };
      row.commands.push(name);
      rows.set(env, row);
    }
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([env, { field, commands: users }]) =>
        `| \`${env}\` | ${sourceOf(field).description} | ${toFallback(field)} | ${joinCommands(users, commands)} |`,
    );
  return ['| variable | meaning | default | commands |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

async function loadCommands(): Promise<readonly Named[]> {
  const loaded = await Promise.all(CATALOG.map(async (entry) => ({ group: entry.name, value: await entry.load() })));
  return loaded.flatMap(({ group, value }) =>
    'commands' in value
      ? value.commands.map((command) => ({ name: `${group} ${command.name}`, group, command }))
      : [{ name: group, group, command: value }],
  );
}

/** A group stands for its commands where all of them use the setting. */
function joinCommands(users: readonly string[], all: readonly Named[]): string {
  const isWhole = (group: string): boolean => all.every((each) => each.group !== group || users.includes(each.name));
  const names = users.map((name) => {
    const group = all.find((each) => each.name === name)?.group ?? name;
    return isWhole(group) ? group : name;
  });
  return [...new Set(names)].join(', ');
}

function toFallback(field: z.core.$ZodType): string {
  if (isRequired(field)) return 'required';
  const text = toDefaultText(field);
  if (text === undefined) return 'none';
  return sourceOf(field).defaultText === undefined ? `\`${text}\`` : text;
}

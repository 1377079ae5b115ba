import { stringify } from 'yaml';
import { z } from 'zod';
import { chartValues } from './chart-values.ts';
import { listEntries, type ValueEntry } from './value-entry.ts';

const WIDTH = 110;
const HEAD = '# Made by `npm run charts` from charts/values: change it there.\n';

/** values.yaml, each value under its meaning. */
export function renderValues(): string {
  return HEAD + renderEntries(listEntries(chartValues), 0);
}

function renderEntries(entries: readonly ValueEntry[], depth: number): string {
  return entries.map((entry) => (depth === 0 ? '\n' : '') + renderEntry(entry, depth)).join('');
}

function renderEntry({ key, description, byDefault, entries }: ValueEntry, depth: number): string {
  const indent = '  '.repeat(depth);
  const comment = wrap(description, WIDTH - indent.length).map((line) => `${indent}# ${line}\n`);
  if (entries.length > 0) return `${comment.join('')}${indent}${key}:\n${renderEntries(entries, depth + 1)}`;
  const text = stringify(
    { [key]: byDefault },
    { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' },
  );
  return comment.join('') + text.replaceAll(/^(?=.)/gm, indent);
}

function wrap(text: string, width: number): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

/** values.schema.json: helm refuses what it does not know, and what is taken away with null. */
export function renderSchema(): string {
  const schema = z.toJSONSchema(chartValues, { target: 'draft-7', io: 'output' });
  return `${JSON.stringify({ ...schema, title: 'Values of the mallsync chart' }, null, 2)}\n`;
}

/** The rows of the README's table. */
export function renderTable(): string {
  const rows = listRows(listEntries(chartValues), []);
  return ['| value | meaning | default |', '| --- | --- | --- |', ...rows].join('\n');
}

function listRows(entries: readonly ValueEntry[], path: readonly string[]): readonly string[] {
  return entries.flatMap(({ key, description, byDefault, entries: below }) => {
    const where = [...path, key];
    if (below.length > 0) return [`| **${where.join('.')}** | ${description} | |`, ...listRows(below, where)];
    const fallback = byDefault === '' ? '' : `\`${JSON.stringify(byDefault)}\``;
    return [`| \`${where.join('.')}\` | ${description} | ${fallback} |`];
  });
}

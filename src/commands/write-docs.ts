import { readFile, writeFile } from 'node:fs/promises';
import { renderLogFieldsTable } from './log-fields-table.ts';
import { renderMetricsTable } from './metrics-table.ts';
import { renderSettingsTable } from './settings/settings-table.ts';

const ROOT = new URL('../../', import.meta.url);

/** Documents with a table that the program's own definitions make, between two comments with its name. */
const TABLES: readonly {
  readonly file: string;
  readonly name: string;
  readonly render: () => string | Promise<string>;
}[] = [
  { file: 'README.md', name: 'settings', render: renderSettingsTable },
  { file: 'docs/metrics.md', name: 'metrics', render: renderMetricsTable },
  { file: 'docs/logs.md', name: 'log-fields', render: renderLogFieldsTable },
];

/** Each document as it has to be. @throws Error when the place of a table is gone */
export async function renderDocs(): Promise<ReadonlyMap<string, string>> {
  const docs = new Map<string, string>();
  for (const { file, name, render } of TABLES) {
    const text = await readFile(new URL(file, ROOT), 'utf8');
    const place = new RegExp(`(<!-- ${name} -->\n)[^]*(<!-- /${name} -->)`);
    if (!place.test(text)) throw new Error(`${file} has no place for its table of ${name}`);
    const table = await render();
    docs.set(
      file,
      text.replace(place, (_, begin: string, end: string) => `${begin}${table}\n${end}`),
    );
  }
  return docs;
}

if (import.meta.main) {
  for (const [file, text] of await renderDocs()) await writeFile(new URL(file, ROOT), text);
}

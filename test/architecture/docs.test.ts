import { readdir, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = (await readdir(`${ROOT}docs`)).filter((name) => name.endsWith('.md'));
const readText = (path: string): Promise<string> => readFile(`${ROOT}${path}`, 'utf8');
const values = parse(await readText('charts/mallsync/values.yaml')) as unknown;
const readme = await readText('README.md');

function hasValue(path: string): boolean {
  let place = values;
  for (const name of path.split('.')) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, name)) return false;
    place = (place as Readonly<Record<string, unknown>>)[name];
  }
  return true;
}

function findAll(text: string, pattern: RegExp): readonly string[] {
  return Array.from(text.matchAll(pattern), ([, found = '']) => found);
}

test.each(PAGES)('docs/%s names only what there is', async (page) => {
  const text = await readText(`docs/${page}`);
  const settings = [...findAll(text, /--set ([\w.]+)=/g), ...findAll(text, /`([a-z]\w*(?:\.\w+)+)(?:=\w+)?`/g)];
  const known = new Set(Object.keys(values as object));
  const ofChart = settings.filter((path) => known.has(path.split('.')[0] ?? ''));
  expect(ofChart.filter((path) => !hasValue(path))).toEqual([]);
  const variables = findAll(text, /\b(MALLSYNC_[A-Z_]+)\b/g);
  expect(variables.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  const paths = [
    ...findAll(text, /\]\((?!https?:|#)([^)#]+)/g).map((link) => resolve(ROOT, 'docs', link)),
    ...findAll(text, /(?<!exec |exec -it )\b((?:test|deploy|src|migrations)\/[\w./-]+)/g).map((path) =>
      resolve(ROOT, path),
    ),
  ];
  const places = await Promise.all(
    paths.map(async (path) =>
      (await readdir(dirname(path)).catch(() => [])).some((name) => path.endsWith(`/${name}`)) ? [] : [path],
    ),
  );
  expect(places.flat()).toEqual([]);
});

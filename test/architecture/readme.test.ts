import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const KOREAN = readFileSync(join(ROOT, 'docs/README.ko.md'), 'utf8');

function listNamedFiles(): readonly string[] {
  const table = /<!-- files -->([\s\S]*)<!-- \/files -->/.exec(README)?.[1] ?? '';
  return [...table.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

function listSourceFolders(): readonly string[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return [...new Set(files.filter((file) => file.endsWith('.ts')).map((file) => dirname(join('src', file))))];
}

/** The commands that a README's shell blocks run, as `main.ts <command>`. */
function listCommands(text: string): readonly string[] {
  return [...text.matchAll(/node src\/main\.ts ([a-z]+)/g)].map((match) => match[1] ?? '').sort();
}

describe('the README', () => {
  test('names only files that exist', () => {
    const named = listNamedFiles();
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  test('leads to every folder of the source', () => {
    const reached = new Set(listNamedFiles().map((file) => dirname(file)));
    expect(listSourceFolders().filter((folder) => !reached.has(folder))).toEqual([]);
  });

  test('shows the same commands in Korean', () => {
    expect(listCommands(KOREAN)).toEqual(listCommands(README));
  });

  test('links only to files that exist', () => {
    const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
  });
});

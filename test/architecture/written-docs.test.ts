import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderDocs } from '../../src/commands/write-docs.ts';

/** Node has these on Linux only. */
const OF_LINUX = /^\| `process_(max_fds|open_fds|heap_bytes|virtual_memory_bytes)` .*\n/gm;

test.each([...(await renderDocs())])('the table in %s is what `npm run docs` writes', async (file, expected) => {
  const found = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
  expect(found.replaceAll(OF_LINUX, '')).toBe(expected.replaceAll(OF_LINUX, ''));
});

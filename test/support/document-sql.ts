import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const BLOCK = /^```sql\n(.*?)^```$/gms;

/** The SQL blocks of a page of docs/, by their first lines without `-- `. */
export async function readSqlBlocks(page: string): Promise<ReadonlyMap<string, string>> {
  const path = fileURLToPath(new URL(`../../docs/${page}`, import.meta.url));
  const blocks = new Map<string, string>();
  for (const [, block = ''] of (await readFile(path, 'utf8')).matchAll(BLOCK)) {
    const [title = ''] = block.split('\n');
    blocks.set(title.replace(/^-- /, ''), block);
  }
  return blocks;
}

/** @throws Error when the page has no such block */
export async function readSqlBlock(page: string, title: string): Promise<string> {
  const blocks = await readSqlBlocks(page);
  const block = blocks.get(title);
  if (block === undefined)
    throw new Error(`docs/${page} has no block "${title}", but ${[...blocks.keys()].join(', ')}`);
  return block;
}

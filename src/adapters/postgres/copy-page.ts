import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { WriteContext } from './dataset-store.ts';
import type { EncodedRow } from './copy-encoder.ts';

const HASH_BYTES = 21;
const NUMBER_BYTES = 12;
const TAB = 9;
const LINE_FEED = 10;

/** The rows as one COPY text, each led by the bookkeeping columns; with `isNumbered`, ended by its place from 1. */
export function buildCopyPage(context: WriteContext, rows: readonly EncodedRow[], isNumbered: boolean): Buffer {
  const observedAt = toTimestamp(context.observedAtMs);
  const head = Buffer.from(`${context.mallId}\t${observedAt}\t${context.executionId}\t${context.executionId}\t`);
  let size = rows.length * (head.length + HASH_BYTES + NUMBER_BYTES + 2);
  for (const row of rows) size += row.line.length;
  const page = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [index, { hash, line }] of rows.entries()) {
    at += head.copy(page, at);
    at += page.write(BigInt.asIntN(64, hash).toString(), at, 'latin1');
    page[at++] = TAB;
    page.set(line, at);
    at += line.length;
    if (isNumbered) {
      page[at++] = TAB;
      at += page.write(String(index + 1), at, 'latin1');
    }
    page[at++] = LINE_FEED;
  }
  return page.subarray(0, at);
}

export function toTimestamp(instantMs: number): string {
  return new Date(instantMs).toISOString();
}

/** `sql` is one simple query whose last statement is a COPY from stdin. */
export function copyIn(client: ClientBase, sql: string, page: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = client.query(copyFrom(sql));
    stream.on('error', reject);
    stream.on('finish', resolve);
    stream.end(page);
  });
}

import { TransientError } from '../../domain/errors.ts';
import { buildHashArray } from './column-array.ts';
import { toTimestamp } from './copy-page.ts';
import type { DatasetStore, RefusedRow, WriteResult } from './dataset-store.ts';
import { copyRows, insertRows } from './dataset-writer-insert.ts';
import { mergeRows } from './dataset-writer-merge.ts';
import { createMissingMarker } from './dataset-writer-missing.ts';
import {
  toKeyParameters,
  type DatasetStoreOptions,
  type PageWrite,
  type RefusedWrite,
  type TableRows,
  type TableStatements,
  type WritableRow,
} from './dataset-writer-rows.ts';
import { buildChildSql, buildTableSql, keyColumnsOf } from './upsert-sql.ts';

const MOST_ROUNDS = 6;
const NOTHING: WriteResult<TableRows> = { inserted: 0, updated: 0, unchanged: 0, stale: 0, refused: [] };

/**
 * Writes a page in two steps: one statement tells what the database holds of each row, then new rows are copied straight
 * into the table and changed ones merged. Every transaction first inserts in key order, then locks stored rows in key
 * order, so writers of the same keys never wait for each other in a circle.
 */
export function createDatasetStore(options: DatasetStoreOptions): DatasetStore<TableRows> {
  const { table, child, schema } = options;
  const statements: TableStatements = {
    table: { sql: buildTableSql(table, options.domainType, schema), keys: keyColumnsOf(table) },
    child: child === null ? null : { sql: buildChildSql(child, table, schema) },
  };
  // a first reading finds nothing stored on page after page: then asking first would only cost time
  let executionOfNewRows: number | null = null;
  return {
    async write(client, context, rows) {
      const page = { client, context };
      const sorted = sortByKey(rows);
      const isCopied =
        executionOfNewRows === context.executionId && (await copyRows(page, statements, sorted, false)) === undefined;
      const result = isCopied ? { ...NOTHING, inserted: rows.length } : await writePage(page, statements, sorted);
      executionOfNewRows = rows.length > 0 && result.inserted === rows.length ? context.executionId : null;
      return result;
    },
    markMissing: createMissingMarker(options),
  };
}

async function writePage(
  page: PageWrite,
  statements: TableStatements,
  rows: readonly WritableRow[],
): Promise<WriteResult<TableRows>> {
  const total = { inserted: 0, updated: 0, unchanged: 0, stale: 0 };
  const refused: RefusedWrite[] = [];
  const suspects = new Set<WritableRow>();
  let pending = rows;
  let racedBefore = 0;
  for (let round = 0; pending.length > 0; round++) {
    if (round === MOST_ROUNDS) {
      throw new TransientError('DatabaseUnavailable', 'other runs keep changing the rows of this page');
    }
    const divided = await classify(page, statements, pending);
    total.unchanged += divided.unchanged;
    total.stale += divided.stale;
    const isSameAgain = racedBefore > 0 && divided.absent.length === racedBefore;
    const inserts = await insertRows(page, statements, divided.absent, isSameAgain);
    total.inserted += inserts.inserted;
    refused.push(...inserts.refused);
    const raced: WritableRow[] = [];
    for (const one of inserts.raced) {
      // a key that is a duplicate again although it is not stored breaks a constraint that is not ours
      if (suspects.has(one.item)) refused.push(one);
      else raced.push(one.item);
      if (isSameAgain) suspects.add(one.item);
    }
    racedBefore = raced.length;
    if (raced.length > 0) {
      // nothing stored may be locked before all new rows are in: that is what keeps writers from waiting in a circle
      pending = sortByKey([...raced, ...divided.candidates]);
      continue;
    }
    const merges = await mergeRows(page, statements, divided.candidates);
    total.updated += merges.updated;
    total.unchanged += merges.unchanged;
    total.stale += merges.stale;
    refused.push(...merges.refused);
    pending = merges.gone;
  }
  return { ...total, refused: refused.map(toRefusedRow) };
}

interface DividedRows {
  readonly absent: readonly WritableRow[];
  readonly candidates: readonly WritableRow[];
  readonly unchanged: number;
  readonly stale: number;
}

async function classify(
  { client, context }: PageWrite,
  { table }: TableStatements,
  rows: readonly WritableRow[],
): Promise<DividedRows> {
  const encoded = rows.map((row) => row.payload.row);
  const { mallId, observedAtMs, executionId } = context;
  const answer = await client.query<{ verdicts: string }>(table.sql.classify, [
    mallId,
    toTimestamp(observedAtMs),
    executionId,
    buildHashArray(encoded.map((row) => row.hash)),
    ...toKeyParameters(table.keys, encoded),
  ]);
  const verdicts = answer.rows[0]?.verdicts ?? '';
  const absent: WritableRow[] = [];
  const candidates: WritableRow[] = [];
  let stale = 0;
  for (const [index, row] of rows.entries()) {
    const verdict = verdicts[index];
    if (verdict === 'N') absent.push(row);
    else if (verdict === 'S') stale += 1;
    else if (verdict !== 'U' || row.payload.row.hasExtra) candidates.push(row);
  }
  return { absent, candidates, stale, unchanged: rows.length - absent.length - candidates.length - stale };
}

/** The order in which rows are locked. */
function sortByKey(rows: readonly WritableRow[]): readonly WritableRow[] {
  return rows.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function toRefusedRow({ item, refusal }: RefusedWrite): RefusedRow<TableRows> {
  return { row: item, ...refusal };
}

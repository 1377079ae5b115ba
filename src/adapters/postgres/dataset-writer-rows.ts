import type { ClientBase } from 'pg';
import type { DomainType } from '../../domain/domain-type.ts';
import type { BadItem } from '../../engine/bisect.ts';
import type { MappedRow } from '../../engine/row-mapper.ts';
import { buildKeyArray } from './column-array.ts';
import type { EncodedRow } from './copy-encoder.ts';
import type { WriteContext } from './dataset-store.ts';
import { findServerError, isRowRefusal, sqlStateOf } from './errors.ts';
import type { Column, Table } from './table.ts';
import type { ChildSql, TableSql, Verdict } from './upsert-sql.ts';

export interface DatasetStoreOptions {
  readonly domainType: DomainType;
  readonly schema: string;
  readonly table: Table;
  /** Rows that are part of the table's rows and are written with them. */
  readonly child: Table | null;
  /** Must be the mapper's, so that stored keys hash as a page's keys do. */
  readonly hashKey: (key: string) => bigint;
}

/** What a dataset's mapper hands to its store: the row, and the rows that are part of it. */
export interface TableRows {
  readonly row: EncodedRow;
  readonly children: readonly EncodedRow[];
}

export type WritableRow = MappedRow<TableRows>;

/** Why PostgreSQL would not take one of the rows tried. */
export interface Refusal {
  readonly sqlState: string;
  /** Constraint or column, where the server names one. */
  readonly where: string | null;
}

export type RefusedWrite = BadItem<WritableRow, Refusal>;

/** One call of `write`: the open transaction and what to stamp on its rows. */
export interface PageWrite {
  readonly client: ClientBase;
  readonly context: WriteContext;
}

export interface TableStatements {
  readonly table: { readonly sql: TableSql; readonly keys: readonly Column[] };
  readonly child: { readonly sql: ChildSql } | null;
}

const UNIQUE_VIOLATION = '23505';

export function isUniqueViolation(refusal: Refusal): boolean {
  return refusal.sqlState === UNIQUE_VIOLATION;
}

/**
 * Runs `work`, whose first statement sets the savepoint page_rows. When a row is refused, undoes it and returns why; any
 * other failure is thrown.
 */
export async function inSavepoint(client: ClientBase, work: () => Promise<void>): Promise<Refusal | undefined> {
  try {
    await work();
    await client.query('release savepoint page_rows');
    return undefined;
  } catch (error) {
    const sqlState = sqlStateOf(error);
    if (sqlState === undefined || !isRowRefusal(sqlState)) throw error;
    await client.query('rollback to savepoint page_rows; release savepoint page_rows');
    const server = findServerError(error);
    return { sqlState, where: server?.constraint ?? server?.column ?? null };
  }
}

export function divideByVerdict(
  rows: readonly WritableRow[],
  verdictAt: (index: number) => Verdict,
): Readonly<Record<Verdict, readonly WritableRow[]>> {
  const divided: Record<Verdict, WritableRow[]> = { N: [], S: [], U: [], R: [], C: [] };
  for (const [index, row] of rows.entries()) divided[verdictAt(index)].push(row);
  return divided;
}

/** One array parameter a key column. */
export function toKeyParameters(keys: readonly Column[], rows: readonly EncodedRow[]): readonly Buffer[] {
  return keys.map((key, index) =>
    buildKeyArray(
      key.type,
      rows.map((row) => row.keyValues[index] ?? ''),
    ),
  );
}

import { expect } from 'vitest';
import type { EncodedRow } from '../../src/adapters/postgres/copy-encoder.ts';
import type { TableRows } from '../../src/adapters/postgres/dataset-writer-rows.ts';
import { listCopyColumns, type Table } from '../../src/adapters/postgres/table.ts';
import { loadRowHash } from '../../src/datasets/row-hash.ts';
import { createTableMapper, type MappingPlan } from '../../src/datasets/table-mapper.ts';
import type { PiiMode } from '../../src/domain/personal-data.ts';
import type { RejectedRow } from '../../src/domain/row-error.ts';
import type { MapOutcome, MappedRow, RowMapper } from '../../src/engine/row-mapper.ts';

const hash = await loadRowHash();
const BOOKKEEPING = 5;

export function createMapper(
  plan: MappingPlan,
  pii: PiiMode = 'full',
  erased: readonly string[] = [],
): RowMapper<TableRows> {
  return createTableMapper(plan, { pii, isErased: (memberId) => erased.includes(memberId) }, hash);
}

/** The COPY fields of a row by column; null for `\N`, absent columns left out. */
export function fieldsOf(table: Table, row: EncodedRow): Record<string, string | null> {
  const values = new TextDecoder().decode(row.line).split('\t');
  const names = listCopyColumns(table).slice(BOOKKEEPING);
  expect(values).toHaveLength(names.length);
  return Object.fromEntries(
    names.map((name, index) => [name, values[index] === String.raw`\N` ? null : (values[index] ?? '')]),
  );
}

export function asRow(outcome: MapOutcome<TableRows>): MappedRow<TableRows> {
  if (outcome.kind !== 'row') throw new Error(`not a row: ${outcome.kind}`);
  return outcome.row;
}

export function asRejected(outcome: MapOutcome<TableRows>): RejectedRow {
  if (outcome.kind !== 'rejected') throw new Error(`not rejected: ${outcome.kind}`);
  return outcome.rejected;
}

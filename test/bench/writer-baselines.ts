import type { Client } from 'pg';
import { memberTable } from '../../src/datasets/member/member-table.ts';
import type { ApiRow } from './member-rows.ts';

export type PageWriter = (rows: readonly ApiRow[]) => Promise<void>;

/** What is left out of validation, hashes and history favours these. */
const COLUMNS = memberTable.columns.filter((column) => column.absent === undefined);
const NAMES = [
  'mall_id',
  'observed_at',
  'first_execution_id',
  'changed_execution_id',
  'content_hash',
  ...COLUMNS.map(({ name }) => name),
];
const KEYS = ['mall_id', ...memberTable.keyColumns];
const UPDATES = NAMES.filter((name) => !KEYS.includes(name)).map((name) => `${name} = excluded.${name}`);

function toValues(row: ApiRow, observedAt: Date): readonly unknown[] {
  const values = COLUMNS.map(({ source: { property }, type }) => {
    const value = row[property];
    if (value === undefined || value === '') return null;
    if (type === 'boolean' && value !== null) return value === 'T';
    return type === 'json' && value !== null ? JSON.stringify(value) : value;
  });
  return [1, observedAt, 1, 1, 0, ...values];
}

function buildUpsert(table: string, rows: number): string {
  const lists = Array.from({ length: rows }, (_, row) => {
    const places = NAMES.map((_name, index) => `$${row * NAMES.length + index + 1}`);
    return `(${places.join(', ')})`;
  });
  return `insert into ${table} (${NAMES.join(', ')}) values ${lists.join(', ')}
    on conflict (${KEYS.join(', ')}) do update set ${UPDATES.join(', ')}`;
}

/** One prepared statement a row, a transaction a page. */
export function createSingleUpsert(client: Client, table: string): PageWriter {
  const text = buildUpsert(table, 1);
  return async (rows) => {
    const observedAt = new Date();
    await client.query('begin');
    for (const row of rows) {
      await client.query({ name: 'upsert-row', text, values: [...toValues(row, observedAt)] });
    }
    await client.query('commit');
  };
}

/** One statement with a list of values a page, prepared. */
export function createValuesUpsert(client: Client, table: string): PageWriter {
  const texts = new Map<number, string>();
  return async (rows) => {
    const observedAt = new Date();
    const text = texts.get(rows.length) ?? buildUpsert(table, rows.length);
    texts.set(rows.length, text);
    const values = rows.flatMap((row) => toValues(row, observedAt));
    await client.query({ name: `upsert-${rows.length}`, text, values });
  };
}

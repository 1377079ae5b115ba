import { sql } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../../domain/domain-type.ts';
import { parseDay } from '../copy-instant.ts';
import type { Database } from '../database.ts';
import { quoteIdentifier } from '../schema-name.ts';
import { BOOKKEEPING_COLUMNS, COLUMN_TYPES, type Column, type Table } from '../table.ts';
import { keyColumnsOf } from '../upsert-sql.ts';

/** A rejected row in clear: only for who may see it, and each look is to be noted in the audit log. */
export interface RevealedRow {
  readonly errorId: number;
  readonly mallId: number;
  readonly domainType: DomainType;
  /** Null for a row without key, and for the failure of a whole execution. */
  readonly rowKey: string | null;
  /** What the data table holds under this key, by column; null where it holds nothing. */
  readonly row: Readonly<Record<string, unknown>> | null;
}

const entryRow = z.object({
  mall_id: z.number(),
  domain_type: z.enum(DOMAIN_TYPES),
  row_key: z.string().nullable(),
});

/** What tells of the reading and not of the row. */
const HIDDEN_COLUMNS = ['mall_id', ...Object.keys(BOOKKEEPING_COLUMNS).filter((name) => name !== 'observed_at')];

const storedRow = z.object({ stored: z.record(z.string(), z.unknown()) });

/** Null where there is no such entry. `tableOf` names the table of a domain type's rows. */
export async function revealRow(
  database: Database,
  errorId: number,
  tableOf: (domainType: DomainType) => Table,
): Promise<RevealedRow | null> {
  const entry = await database.pool.maybeOne(sql.type(entryRow)`
    select mall_id, domain_type, row_key from mallsync.tb_batch_error_log where error_id = ${errorId}`);
  if (entry === null) return null;
  const { mall_id: mallId, domain_type: domainType, row_key: rowKey } = entry;
  const table = tableOf(domainType);
  const keyValues = rowKey === null ? null : splitKey(table, rowKey);
  const row = keyValues === null ? null : await loadStored(database, table, mallId, keyValues);
  return { errorId, mallId, domainType, rowKey, row };
}

/** Null for a key that does not fit the table; only the last part of one may hold the separator. */
function splitKey(table: Table, rowKey: string): readonly string[] | null {
  const keys = keyColumnsOf(table);
  const parts = rowKey.split('|');
  if (parts.length < keys.length) return null;
  const values = [...parts.slice(0, keys.length - 1), parts.slice(keys.length - 1).join('|')];
  return keys.every((key, index) => mayHold(key, values[index] ?? '')) ? values : null;
}

function mayHold({ type }: Column, value: string): boolean {
  if (type === 'integer') return /^\d{1,9}$/.test(value);
  return type !== 'date' || (value.length === 10 && !Number.isNaN(parseDay(value)));
}

/** The page's one statement that names a table by a variable; what it names comes from the datasets, never from a visitor. */
async function loadStored(database: Database, table: Table, mallId: number, keyValues: readonly string[]) {
  const keys = keyColumnsOf(table).map(
    (key, index) => `t.${quoteIdentifier(key.name)} = $${index + 3}::text::${COLUMN_TYPES[key.type]}`,
  );
  const text = `select to_jsonb(t) - $2::text[] as stored from mallsync.${table.name} as t
    where t.mall_id = $1 and ${keys.join(' and ')}`;
  const { rows } = await database.withSession((client) =>
    client.query(database.toSchema(text), [mallId, HIDDEN_COLUMNS, ...keyValues]),
  );
  return rows.length === 0 ? null : storedRow.parse(rows[0]).stored;
}

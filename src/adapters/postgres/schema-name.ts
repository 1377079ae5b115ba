import { TerminalError } from '../../domain/errors.ts';

/** SQL in this program is written for this schema; `toSchema` moves it to the one that is configured. */
const DEFAULT_SCHEMA = 'mallsync';

const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;
/** Only names that are the product's own, so that a text like `mallsync.io/run` in a literal stays as it is. */
const QUALIFIED_NAME = /\bmallsync\.(?=(?:tb|vw|fn)_)/g;

/** @throws TerminalError ConfigInvalid when PostgreSQL would not take the name or keeps it for itself. */
export function parseSchemaName(text: string): string {
  if (!SCHEMA_NAME.test(text) || text.startsWith('pg_') || text === 'information_schema') {
    throw new TerminalError(
      'ConfigInvalid',
      `MALLSYNC_DATABASE_SCHEMA must be lower-case letters, digits and underscores (at most 63, no leading digit or pg_), not ${JSON.stringify(text)}`,
    );
  }
  return text;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Rewrites the `mallsync.` qualifier of tables (tb_), views (vw_) and functions (fn_). The search path is never used: a
 * transaction-mode pooler does not keep it.
 */
export function toSchema(sql: string, schema: string): string {
  if (schema === DEFAULT_SCHEMA) return sql;
  return sql.replace(QUALIFIED_NAME, `${quoteIdentifier(schema)}.`);
}

import type { TestDatabase } from './database.ts';

/**
 * Sets the clock that the database's later sessions go by: `clock_timestamp()` is `atMs` now, and runs on from there. The
 * transaction's time, `now()`, stays as it is.
 */
export async function setDatabaseClock(database: TestDatabase, atMs: number): Promise<void> {
  await database.query('create schema if not exists shifted');
  await database.query(`create or replace function shifted.clock_timestamp() returns timestamptz language sql volatile as $$
    select pg_catalog.clock_timestamp() + interval '${atMs} milliseconds' - interval '${Date.now()} milliseconds' $$`);
  await database.query(`alter database ${await readName(database)} set search_path = shifted, pg_catalog, public`);
}

/** Later sessions go by the true time again. */
export async function resetDatabaseClock(database: TestDatabase): Promise<void> {
  await database.query(`alter database ${await readName(database)} reset search_path`);
}

async function readName(database: TestDatabase): Promise<string> {
  const [row] = await database.query<{ name: string }>('select current_database() as name');
  return row?.name ?? '';
}

/** Environment of a process whose own clock is ahead by so much, or behind. */
export function withLocalClock(shiftMs: number): Record<string, string> {
  const script = `const shift = ${shiftMs}; const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given) { given.length === 0 ? super(Real.now() + shift) : super(...given); }
      static now() { return Real.now() + shift; }
    };`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}` };
}

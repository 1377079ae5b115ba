import type { TestDatabase } from './database.ts';

/**
 * Sets the clock that the database's later sessions go by: `clock_timestamp()` is `atMs` now and runs on from there, or
 * stands still. The transaction's time, `now()`, stays as it is.
 */
export async function setDatabaseClock(
  database: TestDatabase,
  atMs: number,
  { standsStill = false } = {},
): Promise<void> {
  const given = `to_timestamp(${atMs} / 1000.0)`;
  const passed = `pg_catalog.clock_timestamp() - '${new Date().toISOString()}'::timestamptz`;
  await database.query('create schema if not exists shifted');
  await database.query('create sequence if not exists shifted.looks');
  await database.query(`create or replace function shifted.clock_timestamp() returns timestamptz language sql volatile
    begin atomic
      select nextval('shifted.looks');
      select ${given}${standsStill ? '' : ` + (${passed})`};
    end`);
  await database.query(`alter database ${await readName(database)} set search_path = shifted, pg_catalog, public`);
}

/** How often anybody has looked at the clock that was set. */
export async function countClockLooks(database: TestDatabase): Promise<number> {
  const [row] = await database.query<{ looks: number }>('select last_value::int as looks from shifted.looks');
  return row?.looks ?? 0;
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

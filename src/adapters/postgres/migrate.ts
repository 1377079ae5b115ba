import type { Client } from 'pg';
import { sql } from 'slonik';
import { z } from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import type { Database } from './database.ts';
import { sqlStateOf, toDatabaseError } from './errors.ts';
import { compareVersions, loadMigrations, type Migration } from './migrate-files.ts';
import { quoteIdentifier } from './schema-name.ts';

const appliedRow = z.object({ number: z.int(), name: z.string(), checksum: z.string(), min_program: z.string() });
type Applied = z.infer<typeof appliedRow>;

const UNDEFINED_TABLE = '42P01';

const CREATE_HISTORY = `create table if not exists mallsync.tb_schema_migration (
  number integer primary key,
  name text not null,
  checksum text not null,
  min_program text not null,
  program text not null,
  applied_at timestamptz not null default now()
)`;

export interface MigrationResult {
  /** File names, in the order they were applied; empty when there was nothing to do. */
  readonly applied: readonly string[];
}

/**
 * Applies the migrations that the database lacks, each in its own transaction, under a session lock that a rival waits
 * for. @throws TerminalError ConfigInvalid when an applied file was changed or the database needs a newer program.
 */
export async function migrate(database: Database, programVersion: string): Promise<MigrationResult> {
  const migrations = await loadMigrations();
  const client = await database.connectDirect();
  try {
    await client.query(`select pg_advisory_lock(hashtextextended($1, 0))`, [`mallsync migrate ${database.schema}`]);
    await createHistory(client, database);
    const history = await client.query(database.toSchema('select * from mallsync.tb_schema_migration order by number'));
    const applied = z.array(appliedRow).parse(history.rows);
    assertVersionFits(applied, programVersion);
    const missing = listMissing(migrations, applied);
    for (const migration of missing) await apply(client, database, migration, programVersion);
    return { applied: missing.map((migration) => migration.name) };
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await client.end();
  }
}

/**
 * Refuses a database that this program must not touch: one that needs a newer program, or lacks a migration that this
 * one brings. @throws TerminalError ConfigInvalid
 */
export async function assertProgramFits(database: Database, programVersion: string): Promise<void> {
  const migrations = await loadMigrations();
  const applied = await loadHistory(database);
  assertVersionFits(applied, programVersion);
  const missing = listMissing(migrations, applied);
  if (missing.length > 0) throw notMigrated(`lacks ${missing.map((migration) => migration.name).join(', ')}`);
}

/** The file of the newest migration that was applied, which may be a later program's. */
export async function loadNewestMigration(database: Database): Promise<string | undefined> {
  return (await loadHistory(database)).at(-1)?.name;
}

async function loadHistory(database: Database): Promise<readonly Applied[]> {
  try {
    return await database.pool.any(
      sql.type(
        appliedRow,
      )`select number, name, checksum, min_program from mallsync.tb_schema_migration order by number`,
    );
  } catch (error) {
    if (sqlStateOf(error) === UNDEFINED_TABLE) throw notMigrated('holds none of its tables', error);
    throw error;
  }
}

function notMigrated(what: string, cause?: unknown): TerminalError {
  return new TerminalError('ConfigInvalid', `the database ${what}; run \`mallsync migrate\``, { cause });
}

async function createHistory(client: Client, database: Database): Promise<void> {
  // asked first, because `create schema if not exists` wants the right to create even where it finds the schema
  const found = await client.query('select 1 from pg_namespace where nspname = $1', [database.schema]);
  if (found.rowCount === 0) await client.query(`create schema ${quoteIdentifier(database.schema)}`);
  await client.query(database.toSchema(CREATE_HISTORY));
}

function assertVersionFits(applied: readonly Applied[], programVersion: string): void {
  for (const { name, min_program: minimum } of applied) {
    if (compareVersions(minimum, programVersion) <= 0) continue;
    throw new TerminalError(
      'ConfigInvalid',
      `the database was migrated by ${name} for mallsync ${minimum} or newer, this is ${programVersion}; update the program`,
    );
  }
}

function listMissing(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const byNumber = new Map(applied.map((row) => [row.number, row]));
  const highest = applied.at(-1)?.number ?? 0;
  return migrations.filter((migration) => {
    const row = byNumber.get(migration.number);
    if (row === undefined) {
      if (migration.number > highest) return true;
      throw new TerminalError(
        'ConfigInvalid',
        `migration ${migration.name} was skipped: ${highest} is applied already`,
      );
    }
    if (row.checksum === migration.checksum) return false;
    throw new TerminalError(
      'ConfigInvalid',
      `migration ${migration.name} was changed after it was applied; restore the file and add a new one`,
    );
  });
}

async function apply(client: Client, database: Database, migration: Migration, programVersion: string): Promise<void> {
  await client.query('begin');
  try {
    await client.query(database.toSchema(migration.sql));
    await client.query(
      database.toSchema(
        `insert into mallsync.tb_schema_migration (number, name, checksum, min_program, program) values ($1, $2, $3, $4, $5)`,
      ),
      [migration.number, migration.name, migration.checksum, migration.minProgram, programVersion],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw new TerminalError('Bug', `migration ${migration.name} failed and was rolled back: ${String(error)}`, {
      cause: error,
    });
  }
}

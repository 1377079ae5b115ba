import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { TerminalError } from '../../domain/errors.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
  /** The oldest program that can work with the database once this is applied. */
  readonly minProgram: string;
}

const DIRECTORY = new URL('../../../migrations/', import.meta.url);
const FILE_NAME = /^(\d{6})_[a-z0-9_]+\.sql$/;
const MIN_PROGRAM = /^-- min_program: (\d+\.\d+\.\d+)$/m;

/** The files `NNNNNN_name.sql`, by number. @throws TerminalError Bug when one is misnamed or lacks its min_program. */
export async function loadMigrations(directory: URL = DIRECTORY): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const migrations = await Promise.all(names.map((name) => loadMigration(directory, name)));
  const numbers = new Set(migrations.map((migration) => migration.number));
  if (numbers.size < migrations.length) throw new TerminalError('Bug', 'two migrations share a number');
  return migrations;
}

async function loadMigration(directory: URL, name: string): Promise<Migration> {
  const text = (await readFile(new URL(name, directory), 'utf8')).replaceAll('\r\n', '\n');
  const number = FILE_NAME.exec(name)?.[1];
  const minProgram = MIN_PROGRAM.exec(text)?.[1];
  if (number === undefined) throw new TerminalError('Bug', `migration ${name} must be named NNNNNN_name.sql`);
  if (minProgram === undefined) {
    throw new TerminalError('Bug', `migration ${name} must begin with a line like -- min_program: 0.1.0`);
  }
  const checksum = createHash('sha256').update(text).digest('hex');
  return { number: Number(number), name, sql: text, checksum, minProgram };
}

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`; tags after the numbers do not count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [toNumbers(a), toNumbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function toNumbers(version: string): readonly number[] {
  return version.split(/[-+]/, 1)[0]?.split('.').map(Number) ?? [];
}

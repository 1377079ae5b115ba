import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALL_PATIENCE_MS = 120_000;

const HOW_TO = `The tests behind a pooler need a real pgbouncer: \`apt-get install pgbouncer\`, \`brew install pgbouncer\`,
or its path in MALLSYNC_TEST_PGBOUNCER.`;

/** Where Debian puts it, which is not on everybody's PATH. */
const FURTHER_PLACES = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];

/**
 * The path of a pgbouncer: the one that MALLSYNC_TEST_PGBOUNCER names, one that is installed, or, for root of a Debian,
 * one that is installed now. Null where there is none, which is said. @throws Error for that when CI is set
 */
export async function findPgbouncer(): Promise<string | null> {
  const found = (await findInstalled()) ?? (await install());
  if (found !== null) return found;
  if (process.env['CI'] === 'true') throw new Error(HOW_TO);
  process.stderr.write(`\nNOT TESTED, THERE IS NO PGBOUNCER: ${HOW_TO}\n\n`);
  return null;
}

async function findInstalled(): Promise<string | null> {
  const named = process.env['MALLSYNC_TEST_PGBOUNCER'];
  const places = [...(process.env['PATH'] ?? '').split(delimiter), ...FURTHER_PLACES];
  for (const path of [...(named === undefined ? [] : [named]), ...places.map((place) => join(place, 'pgbouncer'))]) {
    if (await isProgram(path)) return path;
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function install(): Promise<string | null> {
  if (process.getuid?.() !== 0 || !(await isProgram('/usr/bin/apt-get'))) return null;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['update', '-qq'], { env, timeout: INSTALL_PATIENCE_MS });
    await run('apt-get', ['install', '-y', '-qq', 'pgbouncer'], { env, timeout: INSTALL_PATIENCE_MS });
  } catch (error) {
    process.stderr.write(`pgbouncer could not be installed: ${String(error)}\n`);
  }
  return await findInstalled();
}

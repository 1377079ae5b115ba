import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { TerminalError } from '../../domain/errors.ts';
import type { Role } from '../env.ts';
import { ROLES } from '../env.ts';
import { isPasswordHash } from './scrypt.ts';

export interface User {
  readonly name: string;
  readonly role: Role;
  /** Null: this one has no password here and comes by a proxy only. */
  readonly passwordHash: string | null;
  /** Changes with the password, so that sessions of the old one end. */
  readonly mark: string;
}

export interface UsersFile {
  /** The user as the file has it now. Looks at the file's date each time and reads it anew when that changed. */
  find(name: string): Promise<User | null>;
}

const NAME = /^[A-Za-z0-9][\w.@+-]{0,99}$/;

/**
 * Lines `name:role:hash`; `-` for the hash of somebody who comes by a proxy. Empty lines and lines with # do not count.
 * @throws TerminalError ConfigInvalid naming the lines that cannot be read
 */
export function parseUsers(text: string): ReadonlyMap<string, User> {
  const users = new Map<string, User>();
  const faults: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const fault = addLine(users, line.trim());
    if (fault !== null) faults.push(`line ${index + 1} ${fault}`);
  }
  if (faults.length > 0) throw new TerminalError('ConfigInvalid', `the users file: ${faults.join('; ')}`);
  return users;
}

function addLine(users: Map<string, User>, line: string): string | null {
  const [name = '', role = '', hash = '', ...rest] = line.split(':');
  if (rest.length > 0 || !NAME.test(name)) return 'is not name:role:hash';
  const known = ROLES.find((each) => each === role);
  if (known === undefined) return `has a role other than ${ROLES.join(', ')}`;
  if (hash !== '-' && !isPasswordHash(hash)) return 'has a hash that `mallsync admin-user` did not make';
  if (users.has(name)) return `repeats ${name}`;
  const mark = createHash('sha256').update(hash).digest('base64url').slice(0, 16);
  users.set(name, { name, role: known, passwordHash: hash === '-' ? null : hash, mark });
  return null;
}

/**
 * A file that turns unreadable lets nobody in until it can be read again; `onTrouble` is told once each time.
 * @throws TerminalError ConfigInvalid when it cannot be read at the start
 */
export async function openUsersFile(path: string, onTrouble: (error: unknown) => void): Promise<UsersFile> {
  let state = await readState(path);
  const refresh = async (): Promise<void> => {
    const version = await readVersion(path);
    if (version === state.version) return;
    try {
      state = await readState(path);
    } catch (error) {
      state = { version, users: new Map() };
      onTrouble(error);
    }
  };
  return {
    async find(name) {
      await refresh();
      return state.users.get(name) ?? null;
    },
  };
}

interface FileState {
  readonly version: string;
  readonly users: ReadonlyMap<string, User>;
}

async function readState(path: string): Promise<FileState> {
  // in this order: a change between the two is seen at the next look
  const version = await readVersion(path);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TerminalError('ConfigInvalid', `the users file ${path} cannot be read`, { cause });
  });
  return { version, users: parseUsers(text) };
}

async function readVersion(path: string): Promise<string> {
  try {
    const { mtimeNs, ino, size } = await stat(path, { bigint: true });
    return `${mtimeNs} ${ino} ${size}`;
  } catch {
    return 'unreadable';
  }
}

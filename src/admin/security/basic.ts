import { checkPassword } from './passwords.ts';
import type { Security } from './security.ts';
import type { User } from './users-file.ts';

const KNOWN_MS = 300_000;
const MOST_KNOWN = 1_000;

interface Known {
  readonly mark: string;
  readonly untilMs: number;
}

/** Passwords that were right a moment ago, so that not each call of a script costs a scrypt. */
const known = new WeakMap<Security, Map<string, Known>>();

/** The user of an `Authorization: Basic` header, or null. @throws TooManyTries */
export async function readBasic(header: string, address: string, security: Security): Promise<User | null> {
  const credentials = parseBasic(header);
  if (credentials === null || security.users === null) return null;
  const { name, password } = credentials;
  const marks = known.get(security) ?? new Map<string, Known>();
  known.set(security, marks);
  const key = security.toPasswordMark(name, password);
  const nowMs = security.clock.nowMs();
  const before = marks.get(key);
  if (before !== undefined && before.untilMs > nowMs) {
    const user = await security.users.find(name);
    if (user !== null && user.mark === before.mark) return user;
  }
  const user = await checkPassword(security, name, password, address);
  if (user === null) return null;
  if (marks.size >= MOST_KNOWN) marks.clear();
  marks.set(key, { mark: user.mark, untilMs: nowMs + KNOWN_MS });
  return user;
}

function parseBasic(header: string): { readonly name: string; readonly password: string } | null {
  const encoded = /^basic ([A-Za-z0-9+/=]{1,2000})$/i.exec(header)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

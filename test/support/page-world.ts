import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atFileEnd } from './file-end.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { createPageMetrics, type PageMetrics } from '../../src/adapters/telemetry/page-metrics.ts';
import type { AdminContext } from '../../src/admin/context.ts';
import type { Role } from '../../src/admin/env.ts';
import { parseAddressList } from '../../src/admin/security/addresses.ts';
import { hashPassword } from '../../src/admin/security/scrypt.ts';
import type { SecuritySettings } from '../../src/admin/security/security.ts';
import { openUsersFile } from '../../src/admin/security/users-file.ts';
import type { AdminServer } from '../../src/admin/server.ts';
import { startAdminServer } from '../../src/admin/server.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { TestDatabase } from './database.ts';
import { createTestDatabase } from './database.ts';

export interface PageWorldOptions {
  /** Name to role; each has the password PASSWORD. Without users and proxies everybody is the admin `tester`. */
  readonly users?: Readonly<Record<string, Role>>;
  readonly proxies?: { readonly addresses: readonly string[]; readonly header?: string; readonly role?: Role | null };
  readonly publicUrl?: string;
  readonly context?: Partial<AdminContext>;
  readonly security?: Partial<SecuritySettings>;
  readonly database?: TestDatabase;
  /** Another way to that database. */
  readonly databaseUrl?: string;
}

export interface PageWorld {
  readonly url: string;
  readonly port: number;
  readonly server: AdminServer;
  readonly metrics: PageMetrics;
  readonly test: TestDatabase;
  readonly database: Database;
  readonly usersFile: string;
  /** What the server logged, as JSON lines parsed. */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
  writeUsers(lines: readonly string[]): Promise<void>;
  /** A browser of its own: keeps cookies, follows no redirect. */
  visit(): PageClient;
  /** The same, signed in. */
  signIn(name: string): Promise<PageClient>;
}

export interface PageClient {
  readonly cookies: ReadonlyMap<string, string>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<PageAnswer>;
  /** Sends a form with the token of this client's session, which `csrf: ''` leaves out. */
  post(path: string, fields?: FormFields, headers?: Readonly<Record<string, string>>): Promise<PageAnswer>;
  send(path: string, init: RequestInit): Promise<PageAnswer>;
  readToken(): Promise<string>;
}

export type FormFields = Readonly<Record<string, string | readonly string[]>>;

export interface PageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly location: string | null;
}

export const PASSWORD = 'correct horse battery staple';
export const ENCRYPTION_KEYS = `test:${randomBytes(32).toString('base64')}`;

let knownHash: Promise<string> | undefined;
export function hashOfPassword(): Promise<string> {
  knownHash ??= hashPassword(PASSWORD);
  return knownHash;
}

/** The page over HTTP with a database of its own; both end with the test file. */
export async function startPageWorld(options: PageWorldOptions = {}): Promise<PageWorld> {
  const test = options.database ?? (await createTestDatabase());
  const url = options.databaseUrl ?? test.url;
  const database = await test.open({ url, poolSize: 6, applicationName: 'mallsync page test' });
  const folder = await mkdtemp(join(tmpdir(), 'mallsync-page-'));
  const usersFile = join(folder, 'users');
  const hash = options.users === undefined ? '' : await hashOfPassword();
  const writeUsers = (lines: readonly string[]): Promise<void> => writeFile(usersFile, `${lines.join('\n')}\n`);
  await writeUsers(Object.entries(options.users ?? {}).map(([name, role]) => `${name}:${role}:${hash}`));
  const logged: Record<string, unknown>[] = [];
  const log = createLogger({
    level: 'debug',
    format: 'json',
    write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>),
  });
  const metrics = createPageMetrics(null);
  const server = await startAdminServer({
    host: '127.0.0.1',
    port: 0,
    security: await buildSecurity(options, usersFile),
    redirectUri: null,
    context: {
      database,
      clock: systemClock,
      log,
      metrics,
      encryptionKeys: ENCRYPTION_KEYS,
      cafe24Url: 'https://{mall_id}.cafe24api.com',
      cafe24ApiVersion: '2026-03-01',
      publicUrl: options.publicUrl === undefined ? null : new URL(options.publicUrl),
      namespace: null,
      freshnessTargetHours: 30,
      nightDeadline: '07:00',
      version: '0.0.0-test',
      ...options.context,
    },
  });
  atFileEnd(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const visit = (): PageClient => createClient(server.url);
  return {
    url: server.url,
    port: Number(new URL(server.url).port),
    server,
    metrics,
    test,
    database,
    usersFile,
    logged,
    writeUsers,
    visit,
    async signIn(name) {
      const client = visit();
      const answer = await client.post('/sign-in', { name, password: PASSWORD, csrf: '' });
      if (answer.status !== 303) throw new Error(`signing in as ${name} gave ${answer.status}`);
      return client;
    },
  };
}

async function buildSecurity(options: PageWorldOptions, usersFile: string): Promise<SecuritySettings> {
  const { users, proxies } = options;
  const addresses = parseAddressList(proxies?.addresses ?? []);
  if (addresses === null) throw new Error('these are no addresses');
  return {
    users: users === undefined ? null : await openUsersFile(usersFile, () => {}),
    proxy:
      proxies === undefined
        ? null
        : { addresses, header: proxies.header ?? 'X-Forwarded-User', role: proxies.role ?? null },
    localName: 'tester',
    sessionHours: 12,
    idleMinutes: 60,
    ...options.security,
  };
}

/** A browser of its own: keeps cookies, follows no redirect. */
export function createClient(url: string): PageClient {
  const cookies = new Map<string, string>();
  let token: string | undefined;
  const send = async (path: string, init: RequestInit): Promise<PageAnswer> => {
    const headers = new Headers(init.headers);
    if (cookies.size > 0 && !headers.has('cookie')) {
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    }
    const response = await fetch(new URL(path, url), { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keep(cookies, line);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, location: response.headers.get('location') };
  };
  const readToken = async (): Promise<string> => {
    // every page of a known visitor carries it, this one too
    token ??= /name="csrf" value="([^"]+)"/.exec((await send('/no-such-page', {})).text)?.[1];
    if (token === undefined) throw new Error('no page gave a token');
    return token;
  };
  return {
    cookies,
    send,
    readToken,
    get: (path, headers = {}) => send(path, { headers }),
    async post(path, fields = {}, headers = {}) {
      const body = new URLSearchParams();
      if (fields['csrf'] === undefined) body.append('csrf', await readToken());
      for (const [name, values] of Object.entries(fields)) {
        for (const value of [values].flat()) body.append(name, value);
      }
      return await send(path, { method: 'POST', body, headers });
    },
  };
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';', 1);
  const equals = pair.indexOf('=');
  const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
  if (value === '' || /max-age=0/i.test(line)) cookies.delete(name);
  else cookies.set(name, value);
}

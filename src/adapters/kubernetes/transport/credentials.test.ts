import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createManualClock, type ManualClock } from '../../../../test/support/manual-clock.ts';
import { createCredentials, type Credentials } from './credentials.ts';
import type { KubeAccess, Material } from './kube-access.ts';

const text = (value: string): Material => ({ kind: 'text', text: value });

const ACCESS: KubeAccess = {
  server: 'https://127.0.0.1:1',
  namespace: null,
  certificateAuthority: text('authority'),
  clientCertificate: null,
  clientKey: null,
  bearerToken: text('token'),
  headers: {},
  serverName: null,
  skipTlsVerify: false,
  isRenewable: false,
  expiresAtMs: null,
};

let clock: ManualClock;
let reloads: (() => Promise<KubeAccess>)[];

beforeEach(() => {
  clock = createManualClock(1_000_000);
  reloads = [];
});

function create(access: Partial<KubeAccess>): Credentials {
  const reload = (): Promise<KubeAccess> => reloads.shift()?.() ?? Promise.reject(new Error('asked once too often'));
  return createCredentials({ access: { ...ACCESS, ...access }, reload, clock });
}

async function writeFiles(files: Readonly<Record<string, string>>): Promise<(name: string) => Material> {
  const dir = await mkdtemp(join(tmpdir(), 'mallsync-credentials-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  for (const [name, value] of Object.entries(files)) await writeFile(join(dir, name), value);
  return (name) => ({ kind: 'file', path: join(dir, name) });
}

async function rewrite(material: Material, value: string): Promise<void> {
  if (material.kind === 'file') await writeFile(material.path, value);
}

async function tokenOf(credentials: Credentials): Promise<string | undefined> {
  return (await credentials.current()).headers['authorization'];
}

describe('credentials', () => {
  it('that are given stand for ever', async () => {
    const credentials = create({ headers: { 'impersonate-user': 'x' }, serverName: 'kubernetes', skipTlsVerify: true });
    const identity = await credentials.current();
    expect(identity).toEqual({
      tls: { ca: 'authority', servername: 'kubernetes', rejectUnauthorized: false },
      headers: { authorization: 'Bearer token', 'impersonate-user': 'x' },
    });
    clock.advance(86_400_000);
    expect(await credentials.current()).toBe(identity);
    expect(await credentials.renew(identity)).toBe(identity);
  });

  it('in files are read again after a minute, not before', async () => {
    const at = await writeFiles({ token: 'first\n' });
    const credentials = create({ bearerToken: at('token') });
    expect(await tokenOf(credentials)).toBe('Bearer first');
    await rewrite(at('token'), 'second');
    clock.advance(59_999);
    expect(await tokenOf(credentials)).toBe('Bearer first');
    clock.advance(1);
    expect(await tokenOf(credentials)).toBe('Bearer second');
  });

  it('keep their TLS settings while only the token changes, and change them with the authority', async () => {
    const at = await writeFiles({ token: 'first', ca: 'old' });
    const credentials = create({ bearerToken: at('token'), certificateAuthority: at('ca') });
    const first = await credentials.current();
    await rewrite(at('token'), 'second');
    clock.advance(60_000);
    const second = await credentials.current();
    expect(second).not.toBe(first);
    expect(second.tls).toBe(first.tls);
    await rewrite(at('ca'), 'new');
    clock.advance(60_000);
    expect((await credentials.current()).tls).toMatchObject({ ca: 'new' });
  });

  it('in a file that is being replaced stay as they were, and are looked at again soon', async () => {
    const at = await writeFiles({ token: 'first' });
    const material = at('token');
    const credentials = create({ bearerToken: material });
    await credentials.current();
    if (material.kind === 'file') await rm(material.path);
    clock.advance(60_000);
    expect(await tokenOf(credentials)).toBe('Bearer first');
    await rewrite(material, 'second');
    expect(await tokenOf(credentials)).toBe('Bearer first');
    clock.advance(5_000);
    expect(await tokenOf(credentials)).toBe('Bearer second');
  });

  it('in a file that was never there are a failure that names it', async () => {
    const at = await writeFiles({});
    await expect(create({ bearerToken: at('token') }).current()).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringContaining('/token'),
    });
  });

  it('in files that the server refuses are read at once', async () => {
    const at = await writeFiles({ token: 'first' });
    const credentials = create({ bearerToken: at('token') });
    const refused = await credentials.current();
    await rewrite(at('token'), 'second');
    expect((await credentials.renew(refused)).headers).toEqual({ authorization: 'Bearer second' });
  });
});

describe('credentials of a plugin', () => {
  const made = (token: string, expiresAtMs: number | null = null): Partial<KubeAccess> => ({
    bearerToken: text(token),
    isRenewable: true,
    expiresAtMs,
  });
  const willGive = (access: Partial<KubeAccess>): void =>
    void reloads.push(() => Promise.resolve({ ...ACCESS, ...access }));

  it('are asked for again half a minute before they expire', async () => {
    const credentials = create(made('first', clock.nowMs() + 900_000));
    willGive(made('second', clock.nowMs() + 1_800_000));
    expect(await tokenOf(credentials)).toBe('Bearer first');
    clock.advance(869_999);
    expect(await tokenOf(credentials)).toBe('Bearer first');
    clock.advance(1);
    expect(await tokenOf(credentials)).toBe('Bearer second');
    expect(reloads).toHaveLength(0);
  });

  it('are asked for once when many calls are refused at once', async () => {
    const credentials = create(made('first'));
    willGive(made('second'));
    const refused = await credentials.current();
    const renewed = await Promise.all([1, 2, 3].map(() => credentials.renew(refused)));
    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]?.headers).toEqual({ authorization: 'Bearer second' });
    expect(await credentials.renew(refused)).toBe(renewed[0]);
  });

  it('that are refused for good are asked for every five seconds at most', async () => {
    const credentials = create(made('first'));
    willGive(made('second'));
    willGive(made('third'));
    const second = await credentials.renew(await credentials.current());
    expect(await credentials.renew(second)).toBe(second);
    clock.advance(5_000);
    expect((await credentials.renew(second)).headers).toEqual({ authorization: 'Bearer third' });
  });

  it('stay as they were while the plugin fails', async () => {
    const credentials = create(made('first', clock.nowMs() + 60_000));
    reloads.push(() => Promise.reject(new Error('no network')));
    willGive(made('second'));
    await credentials.current();
    clock.advance(40_000);
    expect(await tokenOf(credentials)).toBe('Bearer first');
    expect(await tokenOf(credentials)).toBe('Bearer first');
    clock.advance(5_000);
    expect(await tokenOf(credentials)).toBe('Bearer second');
  });
});

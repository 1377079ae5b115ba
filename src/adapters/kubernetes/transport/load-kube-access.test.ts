import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KubeAccess } from './kube-access.ts';
import { loadKubeAccess } from './load-kube-access.ts';

/** Each starts a program that reads a large library. */
const PATIENCE = { timeout: 60_000 };

const CLUSTER = { server: 'https://127.0.0.1:1', 'insecure-skip-tls-verify': true };
const NOBODY: KubeAccess = {
  server: 'https://127.0.0.1:1',
  namespace: 'malls',
  certificateAuthority: null,
  clientCertificate: null,
  clientKey: null,
  bearerToken: null,
  headers: {},
  serverName: null,
  skipTlsVerify: true,
  isRenewable: false,
  expiresAtMs: null,
};

async function makeDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mallsync-kubeconfig-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

async function load(dir: string, user: object, cluster: object = CLUSTER): Promise<KubeAccess> {
  const file = join(dir, 'kubeconfig');
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'one',
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one', namespace: 'malls' } }],
    clusters: [{ name: 'one', cluster }],
    users: [{ name: 'one', user }],
  };
  await writeFile(file, JSON.stringify(kubeconfig));
  return loadKubeAccess({ ...process.env, KUBECONFIG: file });
}

const toBase64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the access of a kubeconfig', PATIENCE, () => {
  it('keeps data as text and files as files, so that they can be read again', async () => {
    const dir = await makeDirectory();
    const cluster = { server: 'https://a.test:6443', 'certificate-authority': 'ca.crt', 'tls-server-name': 'b.test' };
    const user = { 'client-certificate-data': toBase64('certificate'), 'client-key': '/keys/key.pem' };
    expect(await load(dir, user, cluster)).toEqual({
      ...NOBODY,
      server: 'https://a.test:6443',
      serverName: 'b.test',
      skipTlsVerify: false,
      certificateAuthority: { kind: 'file', path: join(dir, 'ca.crt') },
      clientCertificate: { kind: 'text', text: 'certificate' },
      clientKey: { kind: 'file', path: '/keys/key.pem' },
    });
  });

  it.each([
    ['a token', { token: 'given' }, { bearerToken: { kind: 'text', text: 'given' } }],
    ['a token file', { tokenFile: '/tokens/one' }, { bearerToken: { kind: 'file', path: '/tokens/one' } }],
    ['a password', { username: 'a', password: 'b' }, { headers: { authorization: `Basic ${toBase64('a:b')}` } }],
  ])('has %s', async (_, user, expected) => {
    expect(await load(await makeDirectory(), user)).toEqual({ ...NOBODY, ...expected });
  });

  it('has what a credential plugin makes, with its expiry', async () => {
    const status = { token: 'made', expirationTimestamp: '2031-01-01T00:00:00Z' };
    const args = [JSON.stringify({ status })];
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'echo', args };
    expect(await load(await makeDirectory(), { exec })).toEqual({
      ...NOBODY,
      bearerToken: { kind: 'text', text: 'made' },
      isRenewable: true,
      expiresAtMs: Date.parse('2031-01-01T00:00:00Z'),
    });
  });
});

describe('there is no access', PATIENCE, () => {
  it('by a kubeconfig that is not there', async () => {
    await expect(loadKubeAccess({ ...process.env, KUBECONFIG: '/nowhere/kubeconfig' })).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringContaining('/nowhere/kubeconfig'),
    });
  });

  it('by a plugin that fails', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/nowhere/plugin' };
    await expect(load(await makeDirectory(), { exec })).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringContaining('/nowhere/plugin'),
    });
  });

  it('without TLS, as where there is neither kubeconfig nor pod', async () => {
    const loading = load(await makeDirectory(), {}, { server: 'http://127.0.0.1:1' });
    await expect(loading).rejects.toMatchObject({ message: expect.stringContaining('set KUBECONFIG') });
  });

  it('through a proxy', async () => {
    const loading = load(await makeDirectory(), {}, { ...CLUSTER, 'proxy-url': 'http://127.0.0.1:3128' });
    await expect(loading).rejects.toMatchObject({ message: expect.stringContaining('proxy-url') });
  });
});

import { readFile } from 'node:fs/promises';
import { delimiter, dirname, resolve } from 'node:path';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { parse } from 'yaml';
import { z } from 'zod';
import type { KubeAccess, Material } from './kube-access.ts';

/**
 * A program of its own: prints the KubeAccess of the environment as JSON and ends. Importing the library costs 65 to 80 MB
 * that a process, and even the process of a worker thread, does not get back.
 */
async function main(): Promise<void> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (cluster === null) throw new Error('the kubeconfig names no cluster for its current context');
  if (!cluster.server.startsWith('https:')) {
    throw new Error(
      `the API server must be reached by https, not ${cluster.server}: set KUBECONFIG or run in a cluster`,
    );
  }
  if (cluster.proxyUrl !== undefined) throw new Error('proxy-url in a kubeconfig is not supported');
  const access: KubeAccess = {
    server: cluster.server,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace?.trim() ?? null,
    certificateAuthority: toMaterial(cluster.caFile, cluster.caData),
    clientCertificate: toMaterial(user?.certFile, user?.certData),
    clientKey: toMaterial(user?.keyFile, user?.keyData),
    bearerToken: null,
    headers: user === null ? {} : toHeaders(user),
    serverName: cluster.tlsServerName ?? null,
    skipTlsVerify: cluster.skipTLSVerify,
    isRenewable: false,
    expiresAtMs: null,
  };
  const credentials = user === null ? {} : await findCredentials(config, user);
  process.stdout.write(JSON.stringify({ ...access, ...credentials }));
}

async function findCredentials(config: KubeConfig, user: User): Promise<Partial<KubeAccess>> {
  if (user.token !== undefined) return { bearerToken: toText(user.token) };
  const exec = new ExecAuth();
  if (exec.isAuthProvider(user)) return askPlugin(exec, user);
  const path = findTokenFile(user.authProvider) ?? (await findTokenFileOf(user.name));
  if (path !== null) return { bearerToken: { kind: 'file', path } };
  if (user.authProvider === undefined || user.authProvider === null) return {};
  const options: { headers: Record<string, string> } = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const token = /^Bearer (?<token>.+)$/.exec(options.headers['Authorization'] ?? '')?.groups?.['token'];
  return { bearerToken: token === undefined ? null : toText(token), isRenewable: true };
}

async function askPlugin(exec: ExecAuth, user: User): Promise<Partial<KubeAccess>> {
  // The library keeps the expiry to itself; the element access reaches its private method.
  const status = (await exec['getCredential'](user))?.status;
  if (status === undefined) throw new Error('the credential plugin gave no credentials');
  const expiresAtMs = Date.parse(status.expirationTimestamp ?? '');
  const certificate = status.clientCertificateData;
  return {
    ...(certificate ? { clientCertificate: toText(certificate), clientKey: toText(status.clientKeyData) } : {}),
    bearerToken: status.token ? toText(status.token) : null,
    isRenewable: true,
    expiresAtMs: Number.isNaN(expiresAtMs) ? null : expiresAtMs,
  };
}

function findTokenFile(provider: unknown): string | null {
  if (typeof provider !== 'object' || provider === null || !('config' in provider)) return null;
  const { config } = provider;
  if (typeof config !== 'object' || config === null || !('tokenFile' in config)) return null;
  return typeof config.tokenFile === 'string' ? config.tokenFile : null;
}

const userList = z.object({
  users: z.array(z.object({ name: z.string(), user: z.object({ tokenFile: z.string().optional() }).nullish() })),
});

/** The library knows a token file in a pod, but not in a kubeconfig. */
async function findTokenFileOf(userName: string): Promise<string | null> {
  for (const path of (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((each) => each !== '')) {
    const kubeconfig = userList.safeParse(parse(await readFile(path, 'utf8')));
    const found = kubeconfig.data?.users.find(({ name }) => name === userName)?.user?.tokenFile;
    if (found !== undefined) return resolve(dirname(path), found);
  }
  return null;
}

function toHeaders(user: User): Readonly<Record<string, string>> {
  const basic = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
  return {
    ...(user.username ? { authorization: `Basic ${basic}` } : {}),
    ...(user.impersonateUser ? { 'impersonate-user': user.impersonateUser } : {}),
  };
}

/** Data stands in a kubeconfig in base64. */
function toMaterial(path: string | undefined, data: string | undefined): Material | null {
  if (path) return { kind: 'file', path };
  return data ? toText(Buffer.from(data, 'base64').toString()) : null;
}

function toText(text: string): Material {
  return { kind: 'text', text };
}

await main();

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const ADMIN = 'test-admin';

export interface ServerFiles {
  readonly certDir: string;
  readonly accountKey: string;
  readonly tokens: string;
  readonly auditPolicy: string;
  readonly auditLog: string;
  readonly adminToken: string;
}

/** Who asked for what with which answer, once a request: enough for the proof of RBAC and for counting. */
export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
  rules: [{ level: 'None', users: ['system:apiserver'] }, { level: 'Metadata' }],
};

/** What the API server needs before it can start; its own certificate it makes itself. */
export async function writeServerFiles(dir: string): Promise<ServerFiles> {
  const [certDir, accountKey] = [join(dir, 'certificates'), join(dir, 'account.key')];
  const [tokens, auditPolicy, auditLog] = [join(dir, 'tokens'), join(dir, 'audit-policy'), join(dir, 'audit.log')];
  const adminToken = randomBytes(24).toString('hex');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await mkdir(certDir);
  await Promise.all([
    writeFile(accountKey, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 }),
    writeFile(tokens, `${adminToken},${ADMIN},${ADMIN},"system:masters"\n`, { mode: 0o600 }),
    writeFile(auditPolicy, JSON.stringify(AUDIT_POLICY)),
    writeFile(auditLog, ''),
  ]);
  return { certDir, accountKey, tokens, auditPolicy, auditLog, adminToken };
}

export interface KubeconfigContent {
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  readonly user: string;
  readonly token: string;
  readonly namespace?: string;
}

export function toKubeconfig({ server, authority, user, token, namespace }: KubeconfigContent): string {
  const name = 'test';
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name, context: { cluster: name, user, ...(namespace === undefined ? {} : { namespace }) } }],
  });
}

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { ApiServerError } from './api-server-client.ts';
import type { ApiServerClient, KubeObject } from './api-server-door.ts';
import { toKubeconfig } from './api-server-files.ts';

const RBAC = fileURLToPath(new URL('../../deploy/rbac.yaml', import.meta.url));
const TOKEN_SECONDS = 24 * 3600;
const CONFLICT = 409;

const COLLECTIONS: Readonly<Record<string, string>> = {
  ServiceAccount: '/api/v1/namespaces/{namespace}/serviceaccounts',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

export async function loadRbac(): Promise<readonly KubeObject[]> {
  return parseAllDocuments(await readFile(RBAC, 'utf8')).map((document) => document.toJS());
}

/** A namespace in which pods may be made. Where there are no controllers nobody gives it its default account. */
export async function createNamespace(client: ApiServerClient, name: string): Promise<void> {
  await client.request('POST', '/api/v1/namespaces', { metadata: { name } });
  const accounts = `/api/v1/namespaces/${name}/serviceaccounts`;
  await client.request('POST', accounts, { metadata: { name: 'default' } }).catch(ignoreConflict);
}

/** Applies deploy/rbac.yaml for the namespace. */
export async function applyRbac(client: ApiServerClient, namespace: string): Promise<void> {
  for (const object of await loadRbac()) {
    const placed = placeIn(object, namespace);
    const path = COLLECTIONS[object.kind]?.replace('{namespace}', namespace);
    if (path === undefined) throw new Error(`deploy/rbac.yaml has a ${object.kind}`);
    // the cluster's role is the same for all namespaces
    await client.request('POST', path, placed).catch(ignoreConflict);
  }
}

export type Account = 'mallsync-controller' | 'mallsync-nightly';

/** @returns a kubeconfig of the service account, so that its bearer may do what the rules say and no more */
export async function buildAccountKubeconfig(
  client: ApiServerClient,
  namespace: string,
  account: Account,
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const { status } = await client.request('POST', path, { spec: { expirationSeconds: TOKEN_SECONDS } });
  const { server, authority } = client;
  return toKubeconfig({ server, authority, user: account, token: status.token, namespace });
}

function placeIn(object: KubeObject, namespace: string): KubeObject {
  const placed = structuredClone(object);
  if (placed.metadata.namespace !== undefined) placed.metadata.namespace = namespace;
  if (placed.kind === 'ClusterRoleBinding') placed.metadata.name = `${placed.metadata.name}-${namespace}`;
  for (const subject of placed.subjects ?? []) subject.namespace = namespace;
  return placed;
}

function ignoreConflict(error: unknown): void {
  if (!(error instanceof ApiServerError) || error.status !== CONFLICT) throw error;
}

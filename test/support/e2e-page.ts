import type { E2eNamespace } from './e2e-namespace.ts';
import { RELEASE } from './e2e-install.ts';
import { runProgram } from './program.ts';

/** The page's JSON API in the cluster, as one user. */
export interface ClusterPage {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  /** An act, under its idempotency key. */
  post<T>(path: string, key: string, body: unknown): Promise<T>;
}

export const PAGE_USERS_SECRET = 'page-users';
const PASSWORD = 'a password for one test';

/** The Secret with the users file: one operator. */
export async function createPageUsers(namespace: E2eNamespace): Promise<void> {
  const { stdout } = await runProgram(['admin-user', 'oncall', '--role', 'operator'], {}, PASSWORD);
  await namespace.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: PAGE_USERS_SECRET, namespace: namespace.namespace },
    stringData: { users: stdout },
  });
}

export async function openClusterPage(namespace: E2eNamespace): Promise<ClusterPage> {
  const { port } = await namespace.forward(`service/${RELEASE}-admin`, 80);
  const url = `http://127.0.0.1:${port}`;
  const authorization = `Basic ${btoa(`oncall:${PASSWORD}`)}`;
  const ask = async <T>(path: string, init: RequestInit): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, init);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a test reads of it is checked by what it expects
    return (await answer.json()) as T;
  };
  return {
    url,
    get: (path) => ask(path, { headers: { authorization } }),
    post: (path, key, body) =>
      ask(path, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      }),
  };
}

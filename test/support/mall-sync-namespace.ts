import { afterAll, beforeAll, inject } from 'vitest';
import { parseMallSync } from '../../src/adapters/kubernetes/mall-sync-parser.ts';
import type { MallSync } from '../../src/controller/mall-sync.ts';
import { openApiServer } from './api-server-client.ts';
import type { ApiServerClient, KubeObject } from './api-server-door.ts';

export interface MallSyncNamespace {
  readonly name: string;
  readonly client: ApiServerClient;
  /** Path of its collection of MallSyncs. */
  readonly path: string;
  /** What a process needs to work in it. */
  readonly environment: Record<string, string>;
  /** In order of name, as the API server has them. */
  list(): Promise<readonly KubeObject[]>;
  parseAll(): Promise<readonly MallSync[]>;
  deleteAll(): Promise<void>;
}

/** A namespace of the calling test file's own on the tests' API server. */
export function createMallSyncNamespace(prefix: string): MallSyncNamespace {
  const { kubeconfig } = inject('apiServer');
  const client = openApiServer(kubeconfig);
  const name = `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
  const path = `/apis/mallsync.io/v1alpha1/namespaces/${name}/mallsyncs`;
  beforeAll(async () => {
    await client.request('POST', '/api/v1/namespaces', { metadata: { name } });
  });
  afterAll(async () => {
    await client.request('DELETE', path);
    await client.request('DELETE', `/api/v1/namespaces/${name}`);
    await client.close();
  });
  const list = async (): Promise<readonly KubeObject[]> => (await client.request('GET', path)).items;
  return {
    name,
    client,
    path,
    environment: { KUBECONFIG: kubeconfig, POD_NAMESPACE: name },
    list,
    parseAll: async () => (await list()).map(parseMallSync),
    async deleteAll() {
      await client.request('DELETE', path);
    },
  };
}

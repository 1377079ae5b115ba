import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { ApiServerError } from './api-server-client.ts';
import type { ApiServerClient, KubeObject } from './api-server-door.ts';

const CRD = fileURLToPath(new URL('../../deploy/crds/mallsync.io_mallsyncs.yaml', import.meta.url));
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CONFLICT = 409;

/** Applies the CRD of deploy/ and waits until MallSyncs can be created. */
export async function applyDefinition(client: ApiServerClient): Promise<void> {
  const definition: KubeObject = parse(await readFile(CRD, 'utf8'));
  const { name } = definition.metadata;
  await client.request('POST', DEFINITIONS, definition).catch(async (error: unknown) => {
    if (!(error instanceof ApiServerError) || error.status !== CONFLICT) throw error;
    await client.request('PATCH', `${DEFINITIONS}/${name}`, definition);
  });
  const done = new AbortController();
  for await (const { object } of client.follow(`${DEFINITIONS}?fieldSelector=metadata.name%3D${name}`, done.signal)) {
    const conditions: readonly KubeObject[] = object.status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) done.abort();
  }
  const { group, names, versions } = definition.spec;
  await client.request('GET', `/apis/${group}/${versions[0].name}/${names.plural}`);
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { parse } from 'yaml';
import { ApiServerError, openApiServer } from './api-server-client.ts';
import type { ApiServerClient, KubeObject } from './api-server-door.ts';
import { listSources } from './api-server-source.ts';
import type { ApiServer } from './api-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A real API server with the CRD. */
    readonly apiServer: {
      /** Path of a kubeconfig with all rights; empty where there is no API server: then every test is skipped. */
      readonly kubeconfig: string;
      /** Path of the audit log, one JSON event a line; null where the server is not the suite's own. */
      readonly auditLog: string | null;
    };
  }
}

const CRD = fileURLToPath(new URL('../../deploy/crds/mallsync.io_mallsyncs.yaml', import.meta.url));
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CONFLICT = 409;

const HOW_TO = `The tests of test/cluster need a real kube-apiserver. Any one of these gives them one:
  KUBEBUILDER_ASSETS=<directory with etcd, kube-apiserver and kubectl>, as setup-envtest prints it
  MALLSYNC_TEST_KUBECONFIG=<kubeconfig of an API server without controllers that may be written to>
  access to github.com, for envtest's archive (linux-amd64)
  go 1.25 or newer and a module proxy: it is built once
  a Docker engine that can pull rancher/k3s, or has the image that MALLSYNC_TEST_K3S_IMAGE names`;

/** One API server for the whole project, with the CRD applied. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const found = await findApiServer();
  if (found === null) {
    project.provide('apiServer', { kubeconfig: '', auditLog: null });
    return () => Promise.resolve();
  }
  const client = openApiServer(found.kubeconfig);
  if (existsSync(CRD)) await applyDefinition(client, parse(await readFile(CRD, 'utf8')));
  await client.close();
  project.provide('apiServer', { kubeconfig: found.kubeconfig, auditLog: found.auditLog });
  return () => found.stop();
}

async function findApiServer(): Promise<ApiServer | null> {
  const tried: string[] = [];
  for (const source of listSources(process.env)) {
    try {
      const server = await source.open();
      if (server !== null) {
        process.stderr.write(`API server of the tests: ${source.name}\n`);
        return server;
      }
      tried.push(`${source.name}: none`);
    } catch (error) {
      tried.push(`${source.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const text = `${HOW_TO}\nTried:\n${tried.map((line) => `  ${line}\n`).join('')}`;
  if (process.env['CI'] === 'true') throw new Error(text);
  process.stderr.write(`\n*** SKIPPED: every test of test/cluster ***\n${text}\n`);
  return null;
}

async function applyDefinition(client: ApiServerClient, definition: KubeObject): Promise<void> {
  const path = `${DEFINITIONS}/${definition.metadata.name}`;
  await client.request('POST', DEFINITIONS, definition).catch(async (error: unknown) => {
    if (!(error instanceof ApiServerError) || error.status !== CONFLICT) throw error;
    await client.request('PATCH', path, definition);
  });
  const done = new AbortController();
  const selected = `${DEFINITIONS}?fieldSelector=metadata.name%3D${definition.metadata.name}`;
  for await (const { object } of client.follow(selected, done.signal)) {
    const conditions: readonly KubeObject[] = object.status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) done.abort();
  }
  const { group, names, versions } = definition.spec;
  await client.request('GET', `/apis/${group}/${versions[0].name}/${names.plural}`);
}

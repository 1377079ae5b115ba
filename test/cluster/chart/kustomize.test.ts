import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ApiServerError, openApiServer } from '../../support/api-server-client.ts';
import type { KubeObject } from '../../support/api-server-door.ts';
import { parseObjects, toTitle } from '../../support/chart-objects.ts';

const DEPLOY = fileURLToPath(new URL('../../../deploy', import.meta.url));
const OVERLAY = fileURLToPath(new URL('../../../docs/kustomize/kustomization.yaml', import.meta.url));
const CLUSTER_WIDE = ['CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding'];

const { kubeconfig } = inject('apiServer');
const client = openApiServer(kubeconfig);
const folder = mkdtempSync(join(tmpdir(), 'mallsync-kustomize-'));
const namespace = `kustomize-${crypto.randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  for (const name of ['mallsync', namespace]) {
    await client.request('POST', '/api/v1/namespaces', { metadata: { name } }).catch((error: unknown) => {
      if (!(error instanceof ApiServerError) || error.reason !== 'AlreadyExists') throw error;
    });
  }
  const overlay = readFileSync(OVERLAY, 'utf8');
  const moved = overlay
    .replace('../../deploy', relative(folder, DEPLOY))
    .replace(/^namespace: .*$/m, `namespace: ${namespace}`);
  writeFileSync(join(folder, 'kustomization.yaml'), moved);
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await client.request('DELETE', `/api/v1/namespaces/${namespace}`);
  await client.close();
});

async function kubectl(...args: readonly string[]): Promise<string> {
  const program = inject('chartTools')?.kubectl ?? '';
  return (await promisify(execFile)(program, ['--kubeconfig', kubeconfig, ...args])).stdout;
}

test('kubectl apply -k deploy is taken by the API server, every field of it', async () => {
  const said = await kubectl('apply', '-k', DEPLOY, '--dry-run=server', '--validate=strict');
  const objects = parseObjects(await kubectl('kustomize', DEPLOY));
  expect(said.trim().split('\n')).toHaveLength(objects.length);
  const placed = objects.filter(({ kind }) => !CLUSTER_WIDE.includes(kind));
  expect(new Set(placed.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['mallsync']));
});

test('the overlay of docs/ moves everything into its namespace, and the Jobs to its image', async () => {
  const objects = parseObjects(await kubectl('kustomize', folder));
  const misplaced = objects.filter(
    ({ kind, metadata }) => !CLUSTER_WIDE.includes(kind) && metadata.namespace !== namespace,
  );
  expect(misplaced.map(toTitle)).toEqual([]);
  const subjects = objects.flatMap(({ subjects: all = [] }) => all);
  expect(subjects.length).toBeGreaterThan(2);
  expect(new Set(subjects.map((subject: KubeObject) => subject.namespace))).toEqual(new Set([namespace]));
  const text = JSON.stringify(objects);
  expect(text).not.toContain('"mallsync:');
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  const [container] = deployment.spec.template.spec.containers;
  expect(container.env).toContainEqual({ name: 'MALLSYNC_JOB_IMAGE', value: container.image });
  expect(container.image).toMatch(/^registry\.example\/mallsync:/);
  await kubectl('apply', '-k', folder, '--dry-run=server', '--validate=strict');
});

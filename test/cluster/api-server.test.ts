import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { openApiServer } from '../support/api-server-client.ts';

const { kubeconfig, auditLog } = inject('apiServer');
const client = openApiServer(kubeconfig);

afterAll(() => client.close());

describe('the API server of the tests', () => {
  test('is a real one, with RBAC', async () => {
    const { groups } = await client.request('GET', '/apis');
    const names = groups.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['batch', 'rbac.authorization.k8s.io', 'coordination.k8s.io']));
  });

  test.runIf(auditLog !== null)('writes down each request', async () => {
    const path = `/api/v1/namespaces/default/pods/${crypto.randomUUID()}`;
    await expect(client.request('GET', path)).rejects.toMatchObject({ status: 404, reason: 'NotFound' });
    await expect.poll(() => readFile(auditLog ?? '', 'utf8')).toContain(`"requestURI":"${path}"`);
  });
});

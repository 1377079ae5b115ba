import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { controllerSettings } from '../../../src/commands/controller/controller-settings.ts';
import { loadJobSettings } from '../../../src/commands/controller/load-job-settings.ts';
import { readSettings } from '../../../src/commands/settings/read-settings.ts';
import { buildJob } from '../../../src/adapters/kubernetes/job-builder.ts';
import { openApiServer } from '../../support/api-server-client.ts';
import type { KubeObject } from '../../support/api-server-door.ts';
import { listPods, openTestHelm, renderSet, toTitle, VALUE_SETS } from '../../support/chart-objects.ts';
import { applyMonitoringStubs } from '../../support/monitoring-stubs.ts';
import { toPlainEnvironment } from '../../support/chart-environment.ts';
import { buildOrder } from '../../support/job-orders.ts';

const helm = openTestHelm();
const warnings: string[] = [];
const client = openApiServer(inject('apiServer').kubeconfig, (text) => warnings.push(text));
const namespace = `chart-${crypto.randomUUID().slice(0, 8)}`;
const STRICT = 'dryRun=All&fieldValidation=Strict';
const APPLY = 'application/apply-patch+yaml';

beforeAll(async () => {
  const labels = Object.fromEntries(
    ['enforce', 'warn'].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, 'restricted'],
      [`pod-security.kubernetes.io/${mode}-version`, 'latest'],
    ]),
  );
  await client.request('POST', '/api/v1/namespaces', { metadata: { name: namespace, labels } });
  await applyMonitoringStubs(client);
});

afterAll(async () => {
  await client.request('DELETE', `/api/v1/namespaces/${namespace}`);
  await client.close();
});

async function findPath({ apiVersion, kind, metadata }: KubeObject): Promise<string> {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const { resources } = await client.request('GET', root);
  const resource = resources.find((one: KubeObject) => one.kind === kind && !one.name.includes('/'));
  if (resource === undefined) throw new Error(`the API server has no ${apiVersion} ${kind}`);
  const place = resource.namespaced ? `/namespaces/${metadata.namespace}` : '';
  return `${root}${place}/${resource.name}/${metadata.name}`;
}

async function apply(object: KubeObject, query = STRICT): Promise<void> {
  const path = `${await findPath(object)}?fieldManager=test&force=true&${query}`;
  await client.request('PATCH', path, object, APPLY).catch((error: unknown) => {
    throw new Error(`${toTitle(object)}: ${String(error)}`, { cause: error });
  });
}

/** For real: no pod is made without its account. */
async function applyAccounts(objects: readonly KubeObject[]): Promise<void> {
  for (const account of objects.filter(({ kind }) => kind === 'ServiceAccount')) await apply(account, '');
}

async function tryPod({ metadata, spec }: KubeObject): Promise<void> {
  await client.request('POST', `/api/v1/namespaces/${namespace}/pods?${STRICT}`, { metadata, spec });
}

describe.each(VALUE_SETS)('the value set %s', (name) => {
  test('is taken by the API server object by object, and its pods by Pod Security', async () => {
    const objects = await renderSet(helm, name, { namespace });
    warnings.length = 0;
    await applyAccounts(objects);
    for (const object of objects) await apply(object);
    expect(warnings).toEqual([]);
    for (const pod of listPods(objects)) await tryPod(pod);
  });

  test('lets the controller make Jobs that the API server and Pod Security take', async () => {
    const objects = await renderSet(helm, name, { namespace });
    const deployment = objects.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-controller'),
    );
    const environment = toPlainEnvironment(deployment.spec.template.spec.containers[0]);
    const settings = await loadJobSettings(readSettings(controllerSettings, {}, environment), environment);
    const job: KubeObject = buildJob(buildOrder(), settings);
    warnings.length = 0;
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs?${STRICT}`;
    const taken = await client.request('POST', path, job);
    expect(warnings).toEqual([]);
    expect(taken.spec.template.spec).toMatchObject(job.spec.template.spec);
    await applyAccounts(objects);
    const { metadata, spec } = job.spec.template;
    await tryPod({ metadata: { ...metadata, name: 'sync' }, spec });
  });
});

test('what breaks the rules is told and refused: an unknown field, a privilege, a pod without its security', async () => {
  const objects = await renderSet(helm, 'production', { namespace });
  const deployment = structuredClone(objects.find(({ kind }) => kind === 'Deployment'));
  const spec = deployment.spec.template.spec;
  await expect(apply({ ...deployment, spec: { ...deployment.spec, replica: 1 } })).rejects.toThrow(/replica/);
  warnings.length = 0;
  delete spec.containers[0].securityContext.capabilities;
  await apply(deployment);
  expect(warnings).toEqual([expect.stringContaining('would violate PodSecurity')]);
  await applyAccounts(objects);
  const [pod] = listPods([deployment]);
  await expect(tryPod(pod)).rejects.toThrow(/violates PodSecurity "restricted:latest"/);
});

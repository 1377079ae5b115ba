import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildJob, isJobOf, toJobName } from '../../src/adapters/kubernetes/job-builder.ts';
import { parseJob } from '../../src/adapters/kubernetes/job-parser.ts';
import type { JobSettings } from '../../src/adapters/kubernetes/job-settings.ts';
import { MANAGED_SELECTOR } from '../../src/adapters/kubernetes/object-labels.ts';
import { ApiServerError, openApiServer } from '../support/api-server-client.ts';
import type { KubeObject } from '../support/api-server-door.ts';
import { buildOrder, JOB_SETTINGS } from '../support/job-orders.ts';

const client = openApiServer(inject('apiServer').kubeconfig);
const namespace = `jobs-${crypto.randomUUID().slice(0, 8)}`;
const JOBS = `/apis/batch/v1/namespaces/${namespace}/jobs`;
const PODS = `/api/v1/namespaces/${namespace}/pods`;
const TRY = 'dryRun=All&fieldValidation=Strict';

const RICH: JobSettings = {
  image: `registry.test/mallsync@sha256:${'a'.repeat(64)}`,
  databaseUrl: { name: 'pg-app', key: 'uri' },
  databaseDirectUrl: { name: 'pg-app', key: 'direct-uri' },
  encryptionKeys: { name: 'mallsync', key: 'encryption-keys' },
  environment: { MALLSYNC_CAFE24_URL: 'http://127.0.0.1:18080/{mall_id}', MALLSYNC_PII: 'masked' },
  resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
  queueName: 'night',
  podTemplate: {
    nodeSelector: { pool: 'batch' },
    tolerations: [{ key: 'batch', operator: 'Exists', effect: 'NoSchedule' }],
    imagePullSecrets: [{ name: 'registry' }],
    securityContext: { runAsUser: 10_001, fsGroup: 10_001 },
    volumes: [{ name: 'ca', configMap: { name: 'ca' } }],
    containers: [{ name: 'sync', command: ['mallsync'], volumeMounts: [{ name: 'ca', mountPath: '/etc/ca' }] }],
  },
  podLabels: { team: 'crm' },
  podAnnotations: { 'a.test/b': 'c' },
};

beforeAll(async () => {
  const labels = {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/enforce-version': 'latest',
  };
  await client.request('POST', '/api/v1/namespaces', { metadata: { name: namespace, labels } });
  // where no controller runs nobody makes the account that a pod cannot be without
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await client.request('POST', accounts, { metadata: { name: 'default' } }).catch((error: unknown) => {
    if (!(error instanceof ApiServerError) || error.reason !== 'AlreadyExists') throw error;
  });
});

afterAll(async () => {
  await client.request('DELETE', `/api/v1/namespaces/${namespace}`);
  await client.close();
});

function toPod(job: KubeObject): KubeObject {
  const { metadata, spec } = job.spec.template;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'try' }, spec };
}

describe.each([
  ['the least settings', JOB_SETTINGS],
  ['all settings', RICH],
])('a Job with %s', (_what, settings) => {
  test('is taken by the API server word for word', async () => {
    const job: KubeObject = JSON.parse(JSON.stringify(buildJob(buildOrder(), settings)));
    const taken = await client.request('POST', `${JOBS}?${TRY}`, job);
    expect(taken.spec).toMatchObject(job.spec);
    expect(taken.metadata).toMatchObject(job.metadata);
    expect(taken.spec.suspend).toBe(settings.queueName !== null);
  });

  test('makes pods that a namespace of the level restricted lets in', async () => {
    const pod = toPod(buildJob(buildOrder(), settings));
    const taken = await client.request('POST', `${PODS}?${TRY}`, pod);
    expect(taken.metadata.labels).toMatchObject(pod.metadata.labels);
    expect(taken.spec.volumes.map(({ name }: KubeObject) => name)).not.toContainEqual(
      expect.stringMatching(/^kube-api/),
    );
  });
});

test('the namespace refuses pods that the Jobs’ security is taken from', async () => {
  const pod = toPod(buildJob(buildOrder(), JOB_SETTINGS));
  delete pod.spec.containers[0].securityContext.capabilities;
  await expect(client.request('POST', `${PODS}?${TRY}`, pod)).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining('violates PodSecurity "restricted:latest"'),
  });
});

test('a Job that was created is found by its labels and recognized, also under its longest name', async () => {
  const orders = [
    buildOrder(),
    buildOrder({}, { executionId: 2, mallId: Number.MAX_SAFE_INTEGER, attemptCount: 1_000_000 }),
  ];
  for (const order of orders) await client.request('POST', JOBS, buildJob(order, JOB_SETTINGS));
  const { items } = await client.request('GET', `${JOBS}?labelSelector=${encodeURIComponent(MANAGED_SELECTOR)}`);
  const jobs = items.map(parseJob);
  for (const order of orders) {
    const job = jobs.find(({ name }: { name: string }) => name === toJobName(order));
    expect(job).toMatchObject({
      hasOutcomeFinalizer: true,
      isSuspended: false,
      end: null,
      mallSyncName: order.mallSync.name,
    });
    expect(isJobOf(job, order)).toBe(true);
  }
  await expect(client.request('POST', JOBS, buildJob(buildOrder(), JOB_SETTINGS))).rejects.toMatchObject({
    status: 409,
    reason: 'AlreadyExists',
  });
});

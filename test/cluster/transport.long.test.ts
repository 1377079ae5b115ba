import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createCluster } from '../../src/adapters/kubernetes/cluster-client.ts';
import { releaseJobs } from '../../src/adapters/kubernetes/release.ts';
import { loadKubeAccess } from '../../src/adapters/kubernetes/transport/load-kube-access.ts';
import { buildOrder, JOB_SETTINGS } from '../support/job-orders.ts';
import { openDoor, type TransportDoor } from '../support/transport-door.ts';

const COUNT = 2_000;
const PATIENCE = { timeout: 300_000 };
const NEVER = new AbortController().signal;
const namespace = `transport-${crypto.randomUUID().slice(0, 8)}`;

let door: TransportDoor;

beforeAll(async () => {
  door = openDoor(await loadKubeAccess({ ...process.env, KUBECONFIG: inject('apiServer').kubeconfig }));
  await door.calls.call({ verb: 'create', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } }, NEVER);
});

afterAll(async () => {
  await door.calls.call({ verb: 'delete', path: `/api/v1/namespaces/${namespace}` }, NEVER);
  await door.close();
});

test('2,000 Jobs at once are created, and released page by page, over one connection', PATIENCE, async () => {
  const cluster = createCluster({ client: door.calls, namespace, jobSettings: JOB_SETTINGS, isStrict: true });
  const created = await Promise.all(
    Array.from({ length: COUNT }, (_, mallId) => cluster.createJob(buildOrder({}, { mallId: mallId + 1 }), NEVER)),
  );
  expect(created.filter((existing) => existing === null)).toHaveLength(COUNT);
  expect(await releaseJobs({ client: door.calls, namespace }, NEVER)).toEqual({ deleted: COUNT, left: [] });
  expect(door.requests.filter(({ code }) => !code.startsWith('2'))).toEqual([]);
  expect(door.opened).toEqual({ calls: 1, watches: 0, lease: 0 });
});

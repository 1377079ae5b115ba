import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { createElector } from '../../src/adapters/kubernetes/elector/elector.ts';
import type { KubeAccess } from '../../src/adapters/kubernetes/transport/kube-access.ts';
import { loadKubeAccess } from '../../src/adapters/kubernetes/transport/load-kube-access.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { LeaseLostError } from '../../src/domain/errors.ts';
import { openApiServer } from '../support/api-server-client.ts';
import { DEFAULT_TIMING } from '../support/lease-world.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { openDoor } from '../support/transport-door.ts';

const { kubeconfig } = inject('apiServer');
const server = openApiServer(kubeconfig);
const namespace = `elector-${crypto.randomUUID().slice(0, 8)}`;
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
/** Where nobody is to lose: a busy machine may stand still for seconds. */
const PATIENT = { leaseSeconds: 15, renewDeadlineSeconds: 10, retrySeconds: 1 };
const NEVER = new AbortController().signal;

let access: KubeAccess;

beforeAll(async () => {
  access = await loadKubeAccess({ ...process.env, KUBECONFIG: kubeconfig });
  await server.request('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
});

afterAll(async () => {
  await server.request('DELETE', `/api/v1/namespaces/${namespace}`);
  await server.close();
});

/** One process's elector: its work lasts until the lead is lost or `stop` is called. */
function stand(identity: string, lease: string, timing = PATIENT, to: KubeAccess = access) {
  const door = openDoor(to);
  const leading = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const stopping = new AbortController();
  const faults: unknown[] = [];
  const holders: (string | null)[] = [];
  const elector = createElector({
    client: door.lease,
    clock: systemClock,
    lease: { namespace, name: lease },
    identity,
    timing,
    onHolder: (holder) => void holders.push(holder),
    onFault: (error) => void faults.push(error),
  });
  const ended = elector
    .run(async (signal) => {
      leading.resolve();
      await new Promise<void>((resolve) => {
        for (const each of [signal, stopping.signal]) each.addEventListener('abort', () => resolve(), { once: true });
      });
      over.resolve();
    }, stopping.signal)
    .then(
      () => null,
      (error: unknown) => error,
    );
  onTestFinished(async () => {
    stopping.abort();
    await ended;
    await door.close();
  });
  return {
    elector,
    door,
    leading: leading.promise,
    over: over.promise,
    ended,
    faults,
    holders,
    stop: () => stopping.abort(),
  };
}

async function readSpec(lease: string) {
  return (await server.request('GET', `${LEASES}/${lease}`)).spec;
}

/** Sees `count` changes of the Lease. */
async function awaitRenewals(lease: string, count: number): Promise<void> {
  const done = new AbortController();
  const versions = new Set<string>();
  for await (const { object } of server.follow(`${LEASES}?fieldSelector=metadata.name%3D${lease}`, done.signal)) {
    versions.add(object.metadata.resourceVersion);
    if (versions.size > count) done.abort();
  }
}

test('the Lease is made, renewed over one connection, given back and taken at once', async () => {
  const one = stand('pod-a_1', 'release');
  await one.leading;
  expect(await readSpec('release')).toMatchObject({
    holderIdentity: 'pod-a_1',
    leaseDurationSeconds: 15,
    leaseTransitions: 0,
    renewTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
  });
  const two = stand('pod-b_2', 'release');
  await awaitRenewals('release', 3);
  expect(two.elector.readHealth()).toMatchObject({ isLeading: false, holder: 'pod-a_1' });
  one.stop();
  expect(await one.ended).toBeNull();
  expect((await readSpec('release')).holderIdentity).toBe('pod-a_1');
  await one.elector.release(NEVER);
  await two.leading;
  expect(await readSpec('release')).toMatchObject({ holderIdentity: 'pod-b_2', leaseTransitions: 1 });
  expect(two.holders).toEqual(['pod-a_1', null, 'pod-b_2']);
  expect([one.door.opened, two.door.opened]).toEqual([
    { calls: 0, watches: 0, lease: 1 },
    { calls: 0, watches: 0, lease: 1 },
  ]);
  expect([...one.faults, ...two.faults]).toEqual([]);
});

test('a leader that is cut off has lost before the standby leads, and gives nothing back', async () => {
  const { hostname, port } = new URL(access.server);
  const proxy = await startTcpProxy(hostname, Number(port));
  onTestFinished(() => proxy.close());
  const one = stand('pod-a_1', 'cut', DEFAULT_TIMING, {
    ...access,
    server: `https://${proxy.host}:${proxy.port}`,
  });
  await one.leading;
  const two = stand('pod-b_2', 'cut', DEFAULT_TIMING);
  await awaitRenewals('cut', 2);
  const order: string[] = [];
  void one.over.then(() => order.push('one is over'));
  void two.leading.then(() => order.push('two leads'));
  await proxy.cut();
  await two.leading;
  expect(order).toEqual(['one is over', 'two leads']);
  expect(await one.ended).toBeInstanceOf(LeaseLostError);
  await proxy.mend();
  await one.elector.release(NEVER).catch(() => undefined);
  expect(await readSpec('cut')).toMatchObject({ holderIdentity: 'pod-b_2', leaseTransitions: 1 });
});

test('a Lease that is deleted is made again by its holder, with what others wrote beside kept until then', async () => {
  const one = stand('pod-a_1', 'deleted');
  await one.leading;
  const two = stand('pod-b_2', 'deleted');
  await awaitRenewals('deleted', 2);
  await server.request('PATCH', `${LEASES}/deleted`, { metadata: { labels: { kept: 'yes' } } });
  await awaitRenewals('deleted', 2);
  expect((await server.request('GET', `${LEASES}/deleted`)).metadata.labels).toEqual({ kept: 'yes' });
  await server.request('DELETE', `${LEASES}/deleted`);
  await awaitRenewals('deleted', 2);
  expect(await readSpec('deleted')).toMatchObject({ holderIdentity: 'pod-a_1', leaseTransitions: 0 });
  expect(one.elector.readHealth().isLeading).toBe(true);
  expect(two.elector.readHealth().isLeading).toBe(false);
});

import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { parseJob } from '../../src/adapters/kubernetes/job-parser.ts';
import { parseMallSync } from '../../src/adapters/kubernetes/mall-sync-parser.ts';
import { parsePod } from '../../src/adapters/kubernetes/pod-parser.ts';
import type { ReflectorFault } from '../../src/adapters/kubernetes/reflector/cache-writer.ts';
import { createClusterCache, type CacheChange } from '../../src/adapters/kubernetes/reflector/cluster-cache.ts';
import { createObjectStore } from '../../src/adapters/kubernetes/reflector/object-store.ts';
import { createReflector } from '../../src/adapters/kubernetes/reflector/reflector.ts';
import type { KubeAccess } from '../../src/adapters/kubernetes/transport/kube-access.ts';
import type { KubeClient, KubeWatch } from '../../src/adapters/kubernetes/transport/kube-client.ts';
import { loadKubeAccess } from '../../src/adapters/kubernetes/transport/load-kube-access.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { openApiServer } from '../support/api-server-client.ts';
import type { KubeObject } from '../support/api-server-door.ts';
import { DEFAULT_SPEC } from '../support/mall-sync-spec.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { openDoor } from '../support/transport-door.ts';

const { kubeconfig } = inject('apiServer');
const server = openApiServer(kubeconfig);
const namespace = `reflector-${crypto.randomUUID().slice(0, 8)}`;
const CONFIG_MAPS = `/api/v1/namespaces/${namespace}/configmaps`;

let access: KubeAccess;

beforeAll(async () => {
  access = await loadKubeAccess({ ...process.env, KUBECONFIG: kubeconfig });
  await server.request('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
});

afterAll(async () => {
  await server.request('DELETE', `/api/v1/namespaces/${namespace}`);
  await server.close();
});

interface Entry {
  readonly name: string;
  readonly value: string;
}

function parseEntry(raw: unknown): Entry {
  const { metadata, data } = raw as KubeObject;
  return { name: metadata.name, value: data?.value ?? metadata.annotations.value };
}

async function put(name: string, value: string, set: string): Promise<void> {
  await server.request('POST', CONFIG_MAPS, { metadata: { name, labels: { set } }, data: { value } });
}
const change = (name: string, value: string) => server.request('PATCH', `${CONFIG_MAPS}/${name}`, { data: { value } });
const remove = (name: string) => server.request('DELETE', `${CONFIG_MAPS}/${name}`);

/** A reflector of the ConfigMaps of one set, over a client that a test may have tampered with. */
function reflect(set: string, client: Pick<KubeClient, 'call' | 'watch'>, path = CONFIG_MAPS) {
  const store = createObjectStore<Entry>(() => null);
  const changes: string[] = [];
  const faults: ReflectorFault[] = [];
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();
  const reflector = createReflector<Entry>({
    client,
    clock: systemClock,
    random: () => 0.1,
    collection: { path, query: { labelSelector: `set=${set}` } },
    store,
    project: parseEntry,
    onChange({ change: kind, before, after }, isInitial) {
      const { name } = before ?? after;
      changes.push(`${isInitial ? 'initially ' : ''}${kind} ${name} ${before?.value ?? '-'}>${after?.value ?? '-'}`);
      for (const each of waiting) if (changes.length >= each.count) each.resolve();
    },
    onFault: (fault) => void faults.push(fault),
  });
  const stop = new AbortController();
  const run = reflector.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await run;
  });
  return {
    reflector,
    store,
    changes,
    faults,
    awaitChanges: async (count: number): Promise<void> => {
      await new Promise<void>((resolve) => {
        waiting.add({ count, resolve });
        if (changes.length >= count) resolve();
      });
    },
  };
}

function open(to: KubeAccess = access) {
  const door = openDoor(to);
  onTestFinished(() => door.close());
  return door;
}

/** Lets a test change each watch before it is sent, and hold it back. */
function tamper(client: KubeClient, onWatch: (watch: KubeWatch, index: number) => Promise<KubeWatch> | KubeWatch) {
  const watches: KubeWatch[] = [];
  return {
    watches,
    call: (...call: Parameters<KubeClient['call']>) => client.call(...call),
    async watch(watch: KubeWatch, signal: AbortSignal) {
      watches.push(watch);
      return await client.watch(await onWatch(watch, watches.length - 1), signal);
    },
  };
}

test('1,200 objects are listed in pages of 500 and followed from there', async () => {
  const names = Array.from({ length: 1_200 }, (_, index) => `many-${String(index).padStart(4, '0')}`);
  const left = [...names];
  const create = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) await put(name, '1', 'many');
  };
  await Promise.all(Array.from({ length: 8 }, create));
  const door = open();
  const { reflector, store, changes, awaitChanges } = reflect('many', door.calls);
  await reflector.synced;
  expect(
    store
      .list()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(names);
  expect(door.requests.filter(({ verb }) => verb === 'list')).toHaveLength(3);
  await change('many-0007', '2');
  await remove('many-0008');
  await put('many-x', '1', 'many');
  await put('unselected', '1', 'none');
  await change('many-x', '2');
  await awaitChanges(1_204);
  expect(changes.slice(1_200)).toEqual([
    'updated many-0007 1>2',
    'deleted many-0008 1>-',
    'added many-x ->1',
    'updated many-x 1>2',
  ]);
  expect(door.opened).toEqual({ calls: 1, watches: 1, lease: 0 });
});

test('a watch that the server ends is resumed without a list and without a gap', async () => {
  const resumed = Promise.withResolvers<void>();
  const client = tamper(open().calls, (watch, index) => {
    if (index === 1) resumed.resolve();
    return { ...watch, query: { ...watch.query, timeoutSeconds: '2' } };
  });
  await put('ended', '1', 'ended');
  const { reflector, changes, awaitChanges } = reflect('ended', client);
  await reflector.synced;
  await change('ended', '2');
  await awaitChanges(2);
  await resumed.promise;
  await change('ended', '3');
  await awaitChanges(3);
  expect(changes).toEqual(['initially added ended ->1', 'updated ended 1>2', 'updated ended 2>3']);
  const { lists, watchEnds } = reflector.readHealth();
  expect({ lists, closed: watchEnds.closed > 0, gone: watchEnds.gone }).toEqual({ lists: 1, closed: true, gone: 0 });
  expect(Number(client.watches[1]?.query['resourceVersion'])).toBeGreaterThan(
    Number(client.watches[0]?.query['resourceVersion']),
  );
});

test('a version that the server has forgotten leads to a list that tells what was missed', async () => {
  // the server began to remember MallSyncs long after version 1, when it was taught what they are
  const path = `/apis/mallsync.io/v1alpha1/namespaces/${namespace}/mallsyncs`;
  onTestFinished(() => server.request('DELETE', path));
  const putMallSync = (name: string, value: string): Promise<unknown> =>
    server.request('POST', path, {
      apiVersion: 'mallsync.io/v1alpha1',
      kind: 'MallSync',
      metadata: { name, labels: { set: 'gone' }, annotations: { value } },
      spec: DEFAULT_SPEC,
    });
  const removeMallSync = (name: string): Promise<unknown> => server.request('DELETE', `${path}/${name}`);
  const gate = Promise.withResolvers<void>();
  const client = tamper(open().calls, async (watch, index) => {
    if (index > 0) return watch;
    await gate.promise;
    return { ...watch, query: { ...watch.query, resourceVersion: '1' } };
  });
  for (const name of ['stays', 'changes', 'goes', 'is-replaced']) await putMallSync(name, '1');
  const { reflector, changes, awaitChanges } = reflect('gone', client, path);
  await reflector.synced;
  await server.request('PATCH', `${path}/changes`, { metadata: { annotations: { value: '2' } } });
  await removeMallSync('goes');
  await removeMallSync('is-replaced');
  await putMallSync('is-replaced', '2');
  await putMallSync('comes', '1');
  gate.resolve();
  await awaitChanges(9);
  expect(changes.slice(4).toSorted()).toEqual([
    'added comes ->1',
    'added is-replaced ->2',
    'deleted goes 1>-',
    'deleted is-replaced 1>-',
    'updated changes 1>2',
  ]);
  const { lists, watchEnds } = reflector.readHealth();
  expect({ lists, gone: watchEnds.gone }).toEqual({ lists: 2, gone: 1 });
});

test('a connection that is cut and mended costs no change', async () => {
  const { hostname, port } = new URL(access.server);
  const proxy = await startTcpProxy(hostname, Number(port));
  onTestFinished(() => proxy.close());
  const door = open({ ...access, server: `https://${proxy.host}:${proxy.port}` });
  const { reflector, changes, faults, awaitChanges } = reflect('cut', door.calls);
  await reflector.synced;
  await put('early', '1', 'cut');
  await awaitChanges(1);
  await proxy.cut();
  await put('late', '1', 'cut');
  await remove('early');
  await proxy.mend();
  await awaitChanges(3);
  expect(changes.toSorted()).toEqual(['added early ->1', 'added late ->1', 'deleted early 1>-']);
  expect(faults.length).toBeGreaterThan(0);
  expect(reflector.readHealth().watchEnds.broken).toBeGreaterThan(0);
});

test('the view shows MallSyncs, and the Jobs and pods of this program, when their change is told', async () => {
  const mallSyncs = `/apis/mallsync.io/v1alpha1/namespaces/${namespace}/mallsyncs`;
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const labels = { 'app.kubernetes.io/managed-by': 'mallsync-controller' };
  const spec = { restartPolicy: 'Never', containers: [{ name: 'sync', image: 'none' }] };
  await server.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
  const { metadata } = await server.request('POST', mallSyncs, {
    apiVersion: 'mallsync.io/v1alpha1',
    kind: 'MallSync',
    metadata: { name: 'night' },
    spec: DEFAULT_SPEC,
  });
  const told: string[] = [];
  const faults: unknown[] = [];
  const podGone = Promise.withResolvers<void>();
  const isShown = ({ kind, before, after }: CacheChange): boolean => {
    const { name } = before ?? after;
    if (kind === 'mall-sync') return cache.view.findMallSync(name) === (after ?? undefined);
    if (kind === 'job') return cache.view.listJobs().some((job) => job === after) === (after !== null);
    return cache.view.listPodsOf('night-1').some((pod) => pod === after) === (after !== null);
  };
  const cache = createClusterCache({
    client: open().calls,
    clock: systemClock,
    random: Math.random,
    namespace,
    parseMallSync,
    parseJob,
    parsePod,
    onChange(each, isInitial) {
      const { name } = each.before ?? each.after;
      told.push(`${isInitial ? 'initially ' : ''}${each.change} ${each.kind} ${name}${isShown(each) ? '' : ' unseen'}`);
      if (each.kind === 'pod' && each.change === 'deleted') podGone.resolve();
    },
    onFault: (_resource, fault) => void faults.push(fault),
  });
  const stop = new AbortController();
  const run = cache.run(stop.signal);
  await cache.awaitSync(stop.signal);
  const ownerReferences = [
    { apiVersion: 'mallsync.io/v1alpha1', kind: 'MallSync', name: 'night', uid: metadata.uid, controller: true },
  ];
  await server.request('POST', jobs, { metadata: { name: 'not-ours' }, spec: { template: { spec } } });
  await server.request('POST', jobs, {
    metadata: { name: 'night-1', labels, ownerReferences },
    spec: { template: { spec } },
  });
  await server.request('POST', pods, {
    metadata: { name: 'night-1-x', labels: { ...labels, 'batch.kubernetes.io/job-name': 'night-1' } },
    spec,
  });
  await server.request('DELETE', `${pods}/night-1-x`, { gracePeriodSeconds: 0 });
  await podGone.promise;
  expect(told[0]).toBe('initially added mall-sync night');
  expect(
    told
      .slice(1)
      .filter((each) => !each.startsWith('updated'))
      .toSorted(),
  ).toEqual(['added job night-1', 'added pod night-1-x', 'deleted pod night-1-x']);
  expect(cache.view.findMallSyncByUid(metadata.uid)?.name).toBe('night');
  expect(cache.view.listJobsOf(metadata.uid).map(({ name }) => name)).toEqual(['night-1']);
  expect(faults).toEqual([]);
  stop.abort();
  await run;
});

import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { atFileEnd } from './file-end.ts';
import { openApiServer } from './api-server-client.ts';
import type { ApiServerClient, KubeObject } from './api-server-door.ts';
import { applyRbac, buildAccountKubeconfig, createNamespace, type Account } from './controller-account.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { DEFAULT_SPEC } from './mall-sync-spec.ts';
import { startProgram, type Started } from './program.ts';
import { startTestKubelet, type TestKubelet, type TestKubeletOptions } from './test-kubelet.ts';

export interface ClusterWorld {
  readonly namespace: string;
  /** With all rights. */
  readonly client: ApiServerClient;
  readonly database: TestDatabase;
  /** Path of a kubeconfig of the controller's service account, with the rights of deploy/rbac.yaml. */
  readonly kubeconfig: string;
  /** @returns the path of one of another service account */
  writeKubeconfig(account: Account): Promise<string>;
  /** What a process of the program needs to work in this world. */
  readonly environment: Readonly<Record<string, string>>;
  /** Registers this many more active malls. @returns their numbers */
  addMalls(count: number): Promise<readonly number[]>;
  /** A real process of the program; killed when the test file ends. */
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): Started;
  /** `controller`, as another replica each time. */
  startController(environment?: Readonly<Record<string, string>>): Started;
  /** With a door to the ledger; stopped when the test file ends. */
  startKubelet(options?: Partial<TestKubeletOptions>): Promise<TestKubelet>;
  /** Creates a MallSync. */
  create(name: string, spec?: Readonly<Record<string, unknown>>): Promise<KubeObject>;
  /** Merges into the MallSync's spec. */
  change(name: string, spec: Readonly<Record<string, unknown>>): Promise<KubeObject>;
  delete(name: string): Promise<void>;
  read(name: string): Promise<KubeObject>;
  listJobs(): Promise<readonly KubeObject[]>;
  /** Resolves with the MallSync as soon as it satisfies the condition; `undefined` stands for one that is not there. */
  waitFor(name: string, condition: (mallSync: KubeObject) => boolean): Promise<KubeObject>;
}

const PATIENCE_MS = 60_000;

/** A namespace, a database and the program between them, of the calling test file’s own: made at its top, not in a test. */
export async function createClusterWorld(): Promise<ClusterWorld> {
  const database = await createTestDatabase();
  const client = openApiServer(inject('apiServer').kubeconfig);
  const namespace = `mallsync-${randomUUID().slice(0, 8)}`;
  const dir = await mkdtemp(join(tmpdir(), 'mallsync-cluster-'));
  const started = new Set<Started>();
  const kubelets: TestKubelet[] = [];
  atFileEnd(async () => {
    for (const { process } of started) process.kill('SIGKILL');
    await Promise.all(Array.from(started, ({ finished }) => finished));
    const ends = await Promise.allSettled(kubelets.map((kubelet) => kubelet.stop()));
    await emptyNamespace(client, namespace);
    await client.close();
    await rm(dir, { recursive: true });
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  });
  await createNamespace(client, namespace);
  await applyRbac(client, namespace);
  const writeKubeconfig = async (account: Account): Promise<string> => {
    const path = join(dir, `kubeconfig-${account}`);
    await writeFile(path, await buildAccountKubeconfig(client, namespace, account), { mode: 0o600 });
    return path;
  };
  const kubeconfig = await writeKubeconfig('mallsync-controller');
  const environment = {
    KUBECONFIG: kubeconfig,
    POD_NAMESPACE: namespace,
    MALLSYNC_DATABASE_URL: database.url,
    MALLSYNC_ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    MALLSYNC_JOB_IMAGE: 'mallsync:test',
    MALLSYNC_CONTROLLER_HOST: '127.0.0.1',
    MALLSYNC_CONTROLLER_PORT: '0',
  };
  const start: ClusterWorld['start'] = (args, more = {}) => {
    const child = startProgram(args, { ...environment, ...more });
    started.add(child);
    void child.finished.then(() => started.delete(child));
    return child;
  };
  let replicas = 0;
  return {
    namespace,
    client,
    database,
    kubeconfig,
    writeKubeconfig,
    environment,
    start,
    startController: (more = {}) => start(['controller'], { POD_NAME: `controller-${(replicas += 1)}`, ...more }),
    addMalls: (count) => addMalls(database, count),
    async startKubelet(options = {}) {
      const ledger = await database.open({ poolSize: 4, writerConnections: 4 });
      const kubelet = startTestKubelet({ client, namespace, database: ledger, ...options });
      kubelets.push(kubelet);
      return kubelet;
    },
    ...openMallSyncs(client, namespace),
  };
}

type MallSyncDoor = Pick<ClusterWorld, 'create' | 'change' | 'delete' | 'read' | 'listJobs' | 'waitFor'>;

function openMallSyncs(client: ApiServerClient, namespace: string): MallSyncDoor {
  const mallSyncs = `/apis/mallsync.io/v1alpha1/namespaces/${namespace}/mallsyncs`;
  return {
    create: (name, spec = {}) =>
      client.request('POST', mallSyncs, {
        apiVersion: 'mallsync.io/v1alpha1',
        kind: 'MallSync',
        metadata: { name },
        spec: { ...DEFAULT_SPEC, ...spec },
      }),
    change: (name, spec) => client.request('PATCH', `${mallSyncs}/${name}`, { spec }),
    delete: async (name) => {
      await client.request('DELETE', `${mallSyncs}/${name}`);
    },
    read: (name) => client.request('GET', `${mallSyncs}/${name}`),
    listJobs: async () => (await client.request('GET', `/apis/batch/v1/namespaces/${namespace}/jobs`)).items,
    waitFor: (name, condition) => waitForObject(client, mallSyncs, name, condition),
  };
}

/** Past the object's end too, which a list does not show as a change. */
async function waitForObject(
  client: ApiServerClient,
  collection: string,
  name: string,
  condition: (object: KubeObject) => boolean,
): Promise<KubeObject> {
  const path = `${collection}?fieldSelector=metadata.name%3D${name}`;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  let last: KubeObject;
  while (!patience.aborted) {
    const list = await client.request('GET', path);
    last = list.items[0];
    if (condition(last)) return last;
    for await (const { type, object } of client.watch(path, list.metadata.resourceVersion, patience)) {
      if (type === 'ERROR') break;
      if (type === 'BOOKMARK') continue;
      last = type === 'DELETED' ? undefined : object;
      if (condition(last)) return last;
    }
  }
  throw new Error(`${name} never came to it: ${JSON.stringify(last?.status ?? last)}`);
}

async function addMalls(database: TestDatabase, count: number): Promise<readonly number[]> {
  const rows = await database.query<{ mall_id: number }>(
    `insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name)
     select first + n, 'mall-' || (first + n), 'Mall ' || (first + n)
     from generate_series(1, $1::integer) as n, (select coalesce(max(mall_id), 0) as first from mallsync.tb_mall_config) as taken
     returning mall_id::integer`,
    [count],
  );
  return rows.map(({ mall_id }) => mall_id);
}

/** Where no garbage collector runs, what a test leaves would stay on a server that others use too. */
async function emptyNamespace(client: ApiServerClient, namespace: string): Promise<void> {
  if (inject('apiServer').auditLog !== null) return;
  const collections = [`/apis/batch/v1/namespaces/${namespace}/jobs`, `/api/v1/namespaces/${namespace}/pods`];
  for (const path of [`/apis/mallsync.io/v1alpha1/namespaces/${namespace}/mallsyncs`, ...collections]) {
    const { items } = await client.request('GET', path);
    for (const { metadata } of items) {
      const one = `${path}/${metadata.name}`;
      if (metadata.finalizers !== undefined) await client.request('PATCH', one, { metadata: { finalizers: null } });
      await client.request('DELETE', `${one}?propagationPolicy=Background`).catch(() => undefined);
    }
  }
  await client.request('DELETE', `/api/v1/namespaces/${namespace}`);
}

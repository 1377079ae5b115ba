import { randomUUID } from 'node:crypto';
import { Pool, type QueryResultRow } from 'pg';
import { inject } from 'vitest';
import { createKubeTransport, type KubeTransport } from '../../../src/adapters/kubernetes/transport/kube-transport.ts';
import { loadKubeAccess } from '../../../src/adapters/kubernetes/transport/load-kube-access.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { openApiServer } from '../../support/api-server-client.ts';
import type { ApiServerClient, KubeObject } from '../../support/api-server-door.ts';
import { createNamespace } from '../../support/controller-account.ts';
import { createTestDatabase } from '../../support/database.ts';
import type { Query } from '../../support/fault-journal.ts';

/** A namespace and a database in which one scenario after another is played. */
export interface FaultLane {
  readonly namespace: string;
  readonly client: ApiServerClient;
  readonly transport: KubeTransport;
  readonly databaseUrl: string;
  /** One statement past all of the program. */
  readonly query: Query;
  /** For the processes in the Jobs, and for the tests themselves. */
  readonly ledger: Database;
  create(name: string, spec: Readonly<Record<string, unknown>>): Promise<KubeObject>;
  change(name: string, spec: Readonly<Record<string, unknown>>): Promise<KubeObject>;
  delete(name: string): Promise<void>;
  /** Resolves as soon as the MallSync is as wished; `undefined` stands for one that is not there. */
  waitFor(name: string, condition: (mallSync: KubeObject) => boolean, patience: AbortSignal): Promise<KubeObject>;
  listMallSyncs(): Promise<readonly KubeObject[]>;
  listJobs(): Promise<readonly KubeObject[]>;
  readonly jobs: string;
  /** Leaves nothing of what was played before. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** In the order of their references; few rows are deleted sooner than tables are emptied. */
const TABLES = [
  'tb_batch_retry_request',
  'tb_batch_error_log',
  'tb_batch_execution_summary',
  'tb_batch_job_instance',
  'tb_mallsync',
  'tb_coverage',
  'tb_metric_total',
  'tb_controller_epoch',
];

export const MALLS = 3;
const SPEC = { domainType: 'MEMBER', startDate: '2025-12-01T00:00:00', endDate: '2025-12-17T23:59:59' };

export async function openFaultLane(): Promise<FaultLane> {
  const { kubeconfig } = inject('apiServer');
  const load = () => loadKubeAccess({ ...process.env, KUBECONFIG: kubeconfig });
  const database = await createTestDatabase();
  const ledger = await database.open({ poolSize: 2, writerConnections: 4 });
  const observer = new Pool({ connectionString: database.url, application_name: 'fault test observer', max: 3 });
  const query: Query = async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
    (await observer.query<Row>(sql, [...values])).rows;
  const client = openApiServer(kubeconfig);
  const access = await load();
  const transport = createKubeTransport({ access, reload: load, clock: systemClock, userAgent: 'mallsync/test' });
  const namespace = `mallsync-faults-${randomUUID().slice(0, 8)}`;
  await createNamespace(client, namespace);
  const mallSyncs = `/apis/mallsync.io/v1alpha1/namespaces/${namespace}/mallsyncs`;
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const list = async (path: string): Promise<readonly KubeObject[]> => (await client.request('GET', path)).items;
  const clear = async (): Promise<void> => {
    await client.request('DELETE', mallSyncs);
    for (const { metadata } of await list(jobs)) {
      if (metadata.finalizers !== undefined) {
        await ignoringGone(client.request('PATCH', `${jobs}/${metadata.name}`, { metadata: { finalizers: null } }));
      }
      await ignoringGone(client.request('DELETE', `${jobs}/${metadata.name}?propagationPolicy=Background`));
    }
    for (const table of TABLES) await query(`delete from mallsync.${table}`);
  };
  await query(
    `insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name)
     select n, 'mall-' || n, 'Mall ' || n from generate_series(1, $1::integer) as n`,
    [MALLS],
  );
  return {
    namespace,
    client,
    transport,
    databaseUrl: database.url,
    query,
    ledger,
    jobs,
    create: (name, spec) =>
      client.request('POST', mallSyncs, {
        apiVersion: 'mallsync.io/v1alpha1',
        kind: 'MallSync',
        metadata: { name },
        spec: { ...SPEC, ...spec },
      }),
    change: (name, spec) => client.request('PATCH', `${mallSyncs}/${name}`, { spec }),
    delete: async (name) => {
      await client.request('DELETE', `${mallSyncs}/${name}`);
    },
    async waitFor(name, condition, patience) {
      let last: KubeObject;
      const events = client.follow(`${mallSyncs}?fieldSelector=metadata.name%3D${name}`, patience);
      for await (const { type, object } of events) {
        last = type === 'DELETED' ? undefined : object;
        if (condition(last)) return last;
      }
      throw new Error(`MallSync ${name} never came to it: ${JSON.stringify(last?.status ?? last)}`);
    },
    listMallSyncs: () => list(mallSyncs),
    listJobs: () => list(jobs),
    clear,
    async close() {
      await clear();
      await client.request('DELETE', `/api/v1/namespaces/${namespace}`);
      await Promise.all([client.close(), transport.close(), observer.end()]);
    },
  };
}

async function ignoringGone(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof Error && 'status' in error && error.status === 404)) throw error;
  });
}

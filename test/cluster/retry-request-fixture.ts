import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest';
import { createCluster } from '../../src/adapters/kubernetes/cluster-client.ts';
import type { KubeTransport } from '../../src/adapters/kubernetes/transport/kube-transport.ts';
import { createKubeTransport } from '../../src/adapters/kubernetes/transport/kube-transport.ts';
import { loadKubeAccess } from '../../src/adapters/kubernetes/transport/load-kube-access.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import type { RetryKind, RetryRequest, RetryWish } from '../../src/adapters/postgres/retry-request.ts';
import { createRetryRequests } from '../../src/adapters/postgres/retry-request.ts';
import { runRequestLoop } from '../../src/commands/controller/request-loop.ts';
import type { RequestLoopPorts } from '../../src/commands/controller/request-loop-ports.ts';
import type { ControllerLedger } from '../../src/controller/controller-ledger.ts';
import type { MallSync, MallSyncSpec } from '../../src/controller/mall-sync.ts';
import type { LedgerState } from '../../src/controller/run.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { addMalls, lead } from '../integration/controller/ledger-fixture.ts';
import { createProbeTable } from '../support/database-probe.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { JOB_SETTINGS } from '../support/job-orders.ts';
import type { MallSyncNamespace } from '../support/mall-sync-namespace.ts';
import { createMallSyncNamespace } from '../support/mall-sync-namespace.ts';

export const INSTALLATION = 'here';
export const DAY = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-02T00:00:00' };
export const PATIENCE = { timeout: 10_000, interval: 50 };

/** A leader's request loop between a real API server and a real database; the test plays all else of the controller. */
export interface RequestWorld {
  readonly namespace: MallSyncNamespace;
  readonly db: TestDatabase;
  readonly database: Database;
  /** Of the present test's term. */
  ledger: ControllerLedger;
  ports: RequestLoopPorts;
  /** What the caches would hold. */
  cached: readonly MallSync[];
  /** Names of the MallSyncs that are to be looked at. */
  enqueued: string[];
  start(overrides?: Partial<RequestLoopPorts>): void;
  stop(): Promise<void>;
  /** Resolves when the loop has ended by itself, with what it rejected with. */
  ended(): Promise<unknown>;
  send(kind: RetryKind, wish?: Partial<RetryWish>): Promise<number>;
  read(requestId: number): Promise<RetryRequest>;
  awaitState(requestId: number, state: RetryRequest['state']): Promise<RetryRequest>;
  awaitMallSync(name: string): Promise<MallSync & { readonly spec: MallSyncSpec }>;
  /** What a look at the MallSync does first. */
  admit(name: string): Promise<LedgerState>;
  /** As if whoever took the request had died ten minutes ago. */
  abandon(requestId: number): Promise<void>;
}

export async function createRequestWorld(): Promise<RequestWorld> {
  const namespace = createMallSyncNamespace('requests');
  const db = await createTestDatabase();
  const database = await db.open({ applicationName: 'mallsync controller', poolSize: 2, writerConnections: 2 });
  const load = () => loadKubeAccess({ ...process.env, KUBECONFIG: inject('apiServer').kubeconfig });
  const access = await load();
  const transport = createKubeTransport({ access, reload: load, clock: systemClock, userAgent: 'mallsync/test' });
  const ledger = await lead(database, INSTALLATION);
  const asking = createAsking(db, database, namespace);
  const world: RequestWorld = {
    namespace,
    db,
    database,
    ledger,
    ports: buildPorts(() => world, transport),
    cached: [],
    enqueued: [],
    ...createLoop(() => world),
    ...asking,
    async admit(name) {
      const mallSync = await asking.awaitMallSync(name);
      return await world.ledger.admit(mallSync, mallSync.spec);
    },
  };
  beforeAll(async () => {
    await createProbeTable(db);
    await addMalls(db, 3);
  });
  beforeEach(async () => {
    await namespace.deleteAll();
    await db.query(
      'truncate mallsync.tb_batch_retry_request, mallsync.tb_batch_job_instance, mallsync.tb_mallsync cascade',
    );
    world.ledger = await lead(database, INSTALLATION);
    world.ports = buildPorts(() => world, transport);
    world.cached = [];
    world.enqueued = [];
  });
  afterEach(async () => {
    await world.stop();
  });
  afterAll(() => transport.close());
  return world;
}

function buildPorts(findWorld: () => RequestWorld, transport: KubeTransport): RequestLoopPorts {
  return {
    get database() {
      return findWorld().database;
    },
    get ledger() {
      return findWorld().ledger;
    },
    get cluster() {
      const namespace = findWorld().namespace.name;
      return createCluster({ client: transport.calls, namespace, jobSettings: JOB_SETTINGS });
    },
    installationId: INSTALLATION,
    view: { listMallSyncs: () => findWorld().cached },
    clock: systemClock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    enqueue: (name) => findWorld().enqueued.push(name),
  };
}

function createLoop(findWorld: () => RequestWorld): Pick<RequestWorld, 'start' | 'stop' | 'ended'> {
  let loop: { readonly stop: AbortController; readonly ended: Promise<unknown> } | null = null;
  return {
    start(overrides = {}) {
      const stop = new AbortController();
      const ended = runRequestLoop({ ...findWorld().ports, ...overrides }, stop.signal).catch(
        (error: unknown) => error,
      );
      loop = { stop, ended };
    },
    async stop() {
      loop?.stop.abort();
      await loop?.ended;
    },
    ended: async () => await loop?.ended,
  };
}

type Asking = Pick<RequestWorld, 'send' | 'read' | 'awaitState' | 'awaitMallSync' | 'abandon'>;

function createAsking(db: TestDatabase, database: Database, namespace: MallSyncNamespace): Asking {
  const requests = createRetryRequests(database);
  let serial = 0;
  const read = async (requestId: number): Promise<RetryRequest> => {
    const found = await requests.find(requestId);
    if (found === null) throw new Error(`request ${requestId} is gone`);
    return found;
  };
  return {
    read,
    async send(kind, wish = {}) {
      serial += 1;
      const { requestId } = await requests.create(`test ${serial}`, {
        kind,
        domainType: 'MEMBER',
        ...DAY,
        pageSize: 250,
        fingerprints: null,
        mallIds: [1, 2],
        requestedBy: 'kim@office',
        reason: '',
        ...wish,
      });
      return requestId;
    },
    async awaitState(requestId, state) {
      await expect.poll(async () => (await read(requestId)).state, PATIENCE).toBe(state);
      return await read(requestId);
    },
    async awaitMallSync(name) {
      const find = async (): Promise<MallSync | undefined> =>
        (await namespace.parseAll()).find((mallSync) => mallSync.name === name);
      await expect.poll(find, PATIENCE).toBeDefined();
      const found = await find();
      if (found === undefined || found.spec === null) throw new Error(`${name} cannot be read: ${found?.fault}`);
      return { ...found, spec: found.spec };
    },
    async abandon(requestId) {
      await db.query(
        `with aged as (update mallsync.tb_batch_retry_request_item set updated_at = now() - interval '10 minutes'
           where request_id = $1)
         update mallsync.tb_batch_retry_request set state = 'ACCEPTED', accepted_at = now() - interval '10 minutes'
         where request_id = $1`,
        [requestId],
      );
    },
  };
}

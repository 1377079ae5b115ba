import { randomBytes } from 'node:crypto';
import { Client, Pool, type QueryResultRow } from 'pg';
import { createCipher } from '../../src/adapters/postgres/cipher.ts';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import { parseKeyRing } from '../../src/adapters/postgres/key-ring.ts';
import { createMallImporter } from '../../src/adapters/postgres/mall-import-store.ts';
import { parseMallImports } from '../../src/adapters/postgres/mall-import.ts';
import type { SimulatedMall } from '../../src/simulator/mall.ts';
import { startSimulator, type Simulator } from '../../src/simulator/start.ts';
import { openFaultGate, type FaultGate } from './fault-gate.ts';
import { watchPages, type Query } from './fault-journal.ts';
import { startProgram, type Finished, type Started } from './program.ts';

export interface FaultMall {
  readonly mallId: number;
  readonly cafe24MallId: string;
}

export interface SyncWish {
  readonly mall: FaultMall;
  readonly domainType?: 'MEMBER' | 'ORDER' | 'SALES';
  readonly startDate?: string;
  readonly endDate?: string;
  readonly pageSize?: number;
  readonly attemptCount?: number;
  /** The way to the API; straight to the simulator when absent. */
  readonly gate?: FaultGate;
  /** Another way to the database. */
  readonly databaseUrl?: string;
  readonly leaseSeconds?: number;
}

/** How a process finds what it works with, and how long it may be silent. */
type Surroundings = Pick<SyncWish, 'gate' | 'databaseUrl' | 'leaseSeconds'>;

/** A database, a simulator and the program as real processes between them. */
export interface FaultWorld {
  readonly simulator: Simulator;
  /** What every process gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Registers a mall of a name of its own, with rows but no call limits. */
  addMall(mall?: Partial<SimulatedMall>): Promise<FaultMall>;
  openGate(): Promise<FaultGate>;
  /** Any command. */
  start(args: readonly string[], surroundings?: Surroundings): Started;
  startSync(wish: SyncWish): Started;
  sync(wish: SyncWish): Promise<Finished>;
  /** `run` of one mall with `--json`. */
  run(wish: SyncWish): Promise<Finished>;
  /** Statements of a test past all of the program. */
  readonly query: Query;
  /** A connection of the caller's own, closed with the world. */
  connect(): Promise<Client>;
  close(): Promise<void>;
}

/** The shortest there is: a successor waits for it. */
const LEASE_SECONDS = 2;
/** For a process that must not lose its execution to a rival however busy the machine is. */
export const HOLDER_LEASE_SECONDS = 4;
export const DAY = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-02T00:00:00' } as const;
export const PAGE_SIZE = 20;

/** What the budget of calls holds is always free, so that the API's limits do not set the pace. */
const OPEN_BUDGET = `
  create function public.fault_open_budget() returns trigger language plpgsql as $$
    begin new.level := 0; return new; end $$;
  create trigger fault_open_budget before insert or update on mallsync.tb_rate_budget
    for each row execute function public.fault_open_budget()`;

export interface FaultWorldOptions {
  readonly hasOpenBudget?: boolean;
  readonly seed?: number;
  /** Further variables of every process. */
  readonly environment?: Readonly<Record<string, string>>;
}

export async function openFaultWorld(
  databaseUrl: string,
  { hasOpenBudget = true, seed = 11, environment: more = {} }: FaultWorldOptions = {},
): Promise<FaultWorld> {
  const encryptionKeys = `k1:${randomBytes(32).toString('base64')}`;
  const simulator = await startSimulator({ malls: [], seed });
  const started = new Set<Started>();
  const gates: FaultGate[] = [];
  const clients: Client[] = [];
  let malls = 0;

  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: databaseUrl, application_name: 'fault test' });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const observer = new Pool({ connectionString: databaseUrl, application_name: 'fault test observer', max: 4 });
  observer.on('error', () => undefined);
  const query: Query = async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
    (await observer.query<Row>(sql, [...values])).rows;
  const environment = {
    MALLSYNC_DATABASE_URL: databaseUrl,
    MALLSYNC_ENCRYPTION_KEYS: encryptionKeys,
    MALLSYNC_CAFE24_URL: simulator.cafe24Url,
    MALLSYNC_LEASE_SECONDS: String(LEASE_SECONDS),
    ...more,
  };
  const start: FaultWorld['start'] = (args, { gate, databaseUrl: way, leaseSeconds } = {}) => {
    const child = startProgram(args, {
      ...environment,
      ...(way !== undefined && { MALLSYNC_DATABASE_URL: way }),
      ...(gate !== undefined && { MALLSYNC_CAFE24_URL: gate.cafe24Url }),
      ...(leaseSeconds !== undefined && { MALLSYNC_LEASE_SECONDS: String(leaseSeconds) }),
    });
    started.add(child);
    void child.finished.then(() => started.delete(child));
    return child;
  };
  await watchPages(query);
  if (hasOpenBudget) await query(OPEN_BUDGET);

  return {
    simulator,
    environment,
    query,
    connect,
    start,
    startSync: (wish) => start(toSyncArgs(wish), wish),
    sync: (wish) => start(toSyncArgs(wish), wish).finished,
    run: (wish) => start(toRunArgs(wish), wish).finished,
    async addMall(mall = {}) {
      malls += 1;
      const registered = { mallId: malls, cafe24MallId: `fault-mall-${malls}` };
      const client = { clientId: 'app', clientSecret: 'secret', refreshToken: `first token of ${malls}` };
      const behaviour = { rateLimit: false, ...mall.behaviour };
      simulator.control.addMall({ ...client, ...mall, cafe24MallId: registered.cafe24MallId, behaviour });
      await importMall(databaseUrl, encryptionKeys, { ...registered, ...client });
      return registered;
    },
    async openGate() {
      const gate = await openFaultGate(simulator.url);
      gates.push(gate);
      return gate;
    },
    async close() {
      for (const child of started) child.process.kill('SIGKILL');
      await Promise.all(Array.from(started, ({ finished }) => finished));
      await Promise.all(gates.map((gate) => gate.close()));
      await simulator.stop();
      await Promise.all([observer.end(), ...clients.map((client) => client.end())]);
    },
  };
}

async function importMall(databaseUrl: string, encryptionKeys: string, mall: Record<string, unknown>): Promise<void> {
  const database = await openDatabase({
    url: databaseUrl,
    schema: 'mallsync',
    applicationName: 'fault test import',
    leaseSeconds: LEASE_SECONDS,
  });
  const importer = createMallImporter({ pool: database.pool, cipher: createCipher(parseKeyRing(encryptionKeys)) });
  await importer.importMalls(parseMallImports([mall]), false).finally(() => database.close());
}

function toSyncArgs({ mall, domainType = 'MEMBER', ...wish }: SyncWish): readonly string[] {
  const { startDate, endDate, pageSize, attemptCount } = { ...DAY, pageSize: PAGE_SIZE, attemptCount: 1, ...wish };
  const flags = { 'mall-id': mall.mallId, 'domain-type': domainType, 'start-date': startDate, 'end-date': endDate };
  const numbers = { 'page-size': pageSize, 'attempt-count': attemptCount };
  return ['sync', '--json', ...Object.entries({ ...flags, ...numbers }).flatMap(toFlag)];
}

function toRunArgs({ mall, domainType = 'MEMBER', ...wish }: SyncWish): readonly string[] {
  const { startDate, endDate, pageSize } = { ...DAY, pageSize: PAGE_SIZE, ...wish };
  const attempt = wish.attemptCount === undefined ? {} : { attempt: wish.attemptCount };
  const flags = { malls: mall.mallId, domain: domainType, start: startDate, end: endDate, 'page-size': pageSize };
  return ['run', '--json', ...Object.entries({ ...flags, ...attempt }).flatMap(toFlag)];
}

function toFlag([name, value]: readonly [string, string | number]): readonly string[] {
  return [`--${name}`, String(value)];
}

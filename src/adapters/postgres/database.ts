import { Client, Pool, type ClientBase, type ClientConfig, type PoolClient } from 'pg';
import { buildClientConfig, buildTransactionBegin, type ConnectionSettings } from './connection.ts';
import { toDatabaseError } from './errors.ts';
import { openPool, type QueryPool } from './pool.ts';
import { parseSchemaName, toSchema } from './schema-name.ts';

export interface DatabaseOptions {
  readonly url: string;
  /** Past the pooler, for session locks and LISTEN. When it differs from `url`, `url` is taken for a pooler. */
  readonly directUrl?: string | undefined;
  readonly schema: string;
  readonly applicationName: string;
  readonly leaseSeconds: number;
  /** Connections for single statements and short transactions. */
  readonly poolSize?: number;
  /** Connections for page transactions: as many pages commit at once. */
  readonly writerConnections?: number;
}

/** At most poolSize + writerConnections + 1 (leases) connections, each opened when first needed. */
export interface Database {
  readonly schema: string;
  readonly leaseSeconds: number;
  readonly pool: QueryPool;
  /** `begin` with the transaction's time-outs, one simple query. */
  readonly beginSql: string;
  /** Named statements outlive a transaction only where no pooler hands the session to others. */
  readonly mayPrepare: boolean;
  toSchema(sql: string): string;
  /** Lends a bare pg connection for page transactions and COPY; it is closed instead of kept when `work` rejects. */
  withSession<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** The same on the one connection that leases are renewed on, so that no page can hold a renewal up. */
  withLeaseSession<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** A connection of the caller's own, past any pooler and without a statement time-out; the caller ends it. */
  connectDirect(): Promise<Client>;
  close(): Promise<void>;
}

/** Opens no connection by itself. @throws TerminalError ConfigInvalid for a schema name that PostgreSQL would refuse */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { leaseSeconds } = options;
  const schema = parseSchemaName(options.schema);
  const isPooled = options.directUrl !== undefined && options.directUrl !== options.url;
  const settings: ConnectionSettings = {
    url: options.url,
    applicationName: options.applicationName,
    leaseSeconds,
    isPooled,
  };
  const statements = await openPool(settings, schema, options.poolSize ?? 1);
  const writers = createSessionPool(settings, options.writerConnections ?? 1);
  const leases = createSessionPool(settings, 1);
  return {
    schema,
    leaseSeconds,
    pool: statements.pool,
    mayPrepare: !isPooled,
    beginSql: buildTransactionBegin(leaseSeconds),
    toSchema: (sql) => toSchema(sql, schema),
    withSession: (work) => lend(writers, work),
    withLeaseSession: (work) => lend(leases, work),
    connectDirect: () => connectDirect({ ...settings, url: options.directUrl ?? options.url }),
    close: async () => {
      await Promise.all([statements.end(), writers.end(), leases.end()]);
    },
  };
}

function createSessionPool(settings: ConnectionSettings, max: number): Pool {
  const config = buildClientConfig(settings);
  // given to the pool, this time-out would also end the wait for a connection that is busy with another mall's page
  const { connectionTimeoutMillis, ...rest } = config;
  class SessionClient extends Client {
    constructor(clientConfig: ClientConfig) {
      super({ ...clientConfig, ...(connectionTimeoutMillis !== undefined && { connectionTimeoutMillis }) });
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the pool passes its options, its type forgets them
  const clientClass = SessionClient as unknown as new () => ClientBase;
  const pool = new Pool({ ...rest, max, idleTimeoutMillis: 30_000, Client: clientClass });
  pool.on('error', ignoreLateError);
  return pool;
}

/** A connection that breaks while nobody waits for an answer says so by an event; its next query rejects. */
function ignoreLateError(): void {}

async function lend<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  client.on('error', ignoreLateError);
  try {
    const result = await work(client);
    client.removeListener('error', ignoreLateError);
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw toDatabaseError(error);
  }
}

async function connectDirect(settings: ConnectionSettings): Promise<Client> {
  const { query_timeout: _, ...config } = buildClientConfig({ ...settings, isPooled: true });
  const client = new Client(config);
  try {
    await client.connect();
  } catch (error) {
    throw toDatabaseError(error);
  }
  return client;
}

import { Client } from 'pg';
import {
  createDriverFactory,
  createPool,
  SchemaValidationError,
  type DatabasePool,
  type DriverCommand,
  type DriverQueryResult,
  type Interceptor,
  type QueryResultRow,
} from 'slonik';
import { TerminalError } from '../../domain/errors.ts';
import { buildClientConfig, buildTransactionBegin, type ConnectionSettings } from './connection.ts';
import { toDatabaseError } from './errors.ts';
import { toSchema } from './schema-name.ts';

/**
 * slonik's pool as the program uses it: rows are parsed by the query's zod schema, `mallsync.` becomes the configured
 * schema, and whatever goes wrong rejects with a SyncError (its cause keeps the SQLSTATE: `sqlStateOf`).
 */
export type QueryPool = Pick<
  DatabasePool,
  | 'any'
  | 'anyFirst'
  | 'connect'
  | 'exists'
  | 'maybeOne'
  | 'maybeOneFirst'
  | 'one'
  | 'oneFirst'
  | 'query'
  | 'transaction'
>;

/** What a pool and a transaction of it have in common. */
export type Queries = Omit<QueryPool, 'connect' | 'transaction'>;

export interface OpenPool {
  readonly pool: QueryPool;
  end(): Promise<void>;
}

export async function openPool(settings: ConnectionSettings, schema: string, poolSize: number): Promise<OpenPool> {
  const pool = await createPool(settings.url, {
    connectionRetryLimit: 1,
    driverFactory: createDriver(settings),
    idleTimeout: 30_000,
    interceptors: [createSchemaInterceptor(schema), createResultParser()],
    maxPoolSize: poolSize,
    // sessions carry no state here, so the round trip of DISCARD ALL buys nothing
    resetConnection: async () => {},
  });
  return {
    pool: {
      any: translating(pool.any),
      anyFirst: translating(pool.anyFirst),
      connect: translating(pool.connect),
      exists: translating(pool.exists),
      maybeOne: translating(pool.maybeOne),
      maybeOneFirst: translating(pool.maybeOneFirst),
      one: translating(pool.one),
      oneFirst: translating(pool.oneFirst),
      query: translating(pool.query),
      transaction: translating(pool.transaction),
    },
    end: () => pool.end(),
  };
}

function translating<Method extends (...args: never[]) => Promise<unknown>>(method: Method): Method {
  const wrapped = async (...args: never[]): Promise<unknown> => {
    try {
      return await method(...args);
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- generic methods keep their signature when wrapped
  return wrapped as Method;
}

function createSchemaInterceptor(schema: string): Interceptor {
  return {
    name: 'schema',
    transformQuery: (_context, query) => ({ ...query, sql: toSchema(query.sql, schema) }),
  };
}

function createResultParser(): Interceptor {
  return {
    name: 'result-parser',
    transformRow({ resultParser }, query, row) {
      if (resultParser === undefined) return row;
      const result = resultParser['~standard'].validate(row);
      if (result instanceof Promise) throw new TerminalError('Bug', 'a result parser must not be asynchronous');
      if (result.issues !== undefined) throw new SchemaValidationError(query, row, result.issues);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the query's schema says what its rows are
      return result.value as QueryResultRow;
    },
  };
}

/** As slonik opens every transaction. */
const BEGIN = 'START TRANSACTION';
const NO_ROWS: DriverQueryResult = { command: 'SELECT', fields: [], rowCount: 0, rows: [] };

/**
 * slonik's own driver opens a second connection to look types up and replaces pg's errors by ones without SQLSTATE; this
 * one connects as every other connection of the program does.
 */
function createDriver(settings: ConnectionSettings) {
  return createDriverFactory(async () => ({
    createPoolClient: async ({ clientEventEmitter }) => {
      const client = new Client(buildClientConfig(settings));
      client.on('error', (error) => clientEventEmitter.emit('error', error));
      return {
        connect: async () => {
          await client.connect();
        },
        end: () => client.end(),
        query: async (text, values = [], options) => {
          if (settings.isPooled && text === BEGIN) {
            await client.query(buildTransactionBegin(settings.leaseSeconds));
            return NO_ROWS;
          }
          const result = await client.query<Record<string, unknown>>({
            text,
            values,
            ...(options?.name && { name: options.name }),
          });
          return {
            // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- slonik only looks at the words it knows
            command: result.command as DriverCommand,
            fields: result.fields.map((field) => ({ dataTypeId: field.dataTypeID, name: field.name })),
            rowCount: result.rowCount,
            rows: result.rows,
          };
        },
        stream: () => {
          throw new TerminalError('Bug', 'this pool does not stream');
        },
      };
    },
  }));
}

import type { PoolClient } from 'pg';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { toDatabaseError } from '../../src/adapters/postgres/errors.ts';
import type { StepGate, Life } from './fault-points-gate.ts';
import type { StepKind } from './fault-points.ts';

export interface DatabaseGateOptions {
  /** How much faster than real time the controller's clock runs: the ages that the database tells grow with it. */
  readonly speed: number;
  onCommit(life: Life): void;
}

type Query = string | { readonly name?: string; readonly text: string };
type Answer = { rows: Record<string, unknown>[] };
type Session = { query(query: Query, values?: unknown): Promise<Answer> };

/** The database of one process, every statement of which goes through the gate. */
export function gateDatabase(database: Database, gate: StepGate, life: Life, options: DatabaseGateOptions): Database {
  const lend = (client: PoolClient): PoolClient => gateSession(client, gate, life, options);
  return {
    ...database,
    pool: gatePool(database.pool, gate, life),
    withSession: (work) => database.withSession((client) => work(lend(client))),
    withLeaseSession: (work) => database.withLeaseSession((client) => work(lend(client))),
    connectDirect: () =>
      gate.pass(life, 'connect to listen', 'query', async () => {
        const client = await database.connectDirect();
        // nobody else would
        if (life.isOver) await client.end();
        return client;
      }),
  };
}

function gateSession(client: PoolClient, gate: StepGate, life: Life, options: DatabaseGateOptions): PoolClient {
  let isInTransaction = false;
  let isLost = false;
  let last = '';
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of all that pg offers only this form is used here
  const session = client as unknown as Session;

  const run = async (query: Query, values?: unknown): Promise<Answer> => {
    if (isLost) throw new Error('Client was closed and is not queryable');
    const name = nameQuery(query);
    if (name === 'rollback') return await session.query(query, values);
    const kind: StepKind = toKind(name, isInTransaction);
    const key = name === 'begin' || name === 'commit' ? `${name} after ${last}` : name;
    const answer = await gate.pass(life, key, kind, async () => {
      if (name === 'commit') options.onCommit(life);
      return await session.query(query, values);
    });
    if (name === 'begin') isInTransaction = true;
    if (name === 'commit') isInTransaction = false;
    last = name;
    if (name === 'load-mallsync') hasten(answer, options.speed);
    return answer;
  };

  return new Proxy(client, {
    get(target, property, receiver) {
      if (property !== 'query') return Reflect.get(target, property, receiver) as unknown;
      return async (query: Query, values?: unknown) => {
        try {
          return await run(query, values);
        } catch (error) {
          isLost = true;
          throw error;
        }
      };
    },
  });
}

function nameQuery(query: Query): string {
  if (typeof query !== 'string') return query.name ?? query.text;
  return /^\w+/.exec(query)?.[0] ?? query;
}

function toKind(name: string, isInTransaction: boolean): StepKind {
  if (name === 'begin') return 'begin';
  if (name === 'commit') return 'commit';
  if (isInTransaction) return 'statement';
  return name === 'draw-epoch' ? 'single' : 'query';
}

function hasten({ rows }: Answer, speed: number): void {
  for (const row of rows) {
    for (const column of ['launched_ago_ms', 'ended_ago_ms']) {
      if (typeof row[column] === 'number') row[column] *= speed;
    }
  }
}

function gatePool(pool: Database['pool'], gate: StepGate, life: Life): Database['pool'] {
  return new Proxy(pool, {
    get(target, property, receiver) {
      const method: unknown = Reflect.get(target, property, receiver);
      if (typeof method !== 'function') return method;
      return async (query: { readonly sql: string }, ...rest: readonly unknown[]): Promise<unknown> => {
        const text = query.sql.replaceAll(/\s+/g, ' ').trim();
        const isWrite = /\b(update|insert into|delete from) /.test(text);
        const step = (): Promise<unknown> => Reflect.apply(method, target, [query, ...rest]) as Promise<unknown>;
        try {
          return await gate.pass(life, text.slice(0, 60), isWrite ? 'single' : 'query', step);
        } catch (error) {
          throw toDatabaseError(error);
        }
      };
    },
  });
}

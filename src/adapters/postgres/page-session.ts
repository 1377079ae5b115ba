import type { ClientBase, PoolClient, QueryResult } from 'pg';
import type { Database } from './database.ts';

/** A statement run once a page or oftener: parsed once a connection under its name, where that is possible. */
export interface Statement {
  readonly name: string;
  readonly sql: string;
}

/**
 * Runs `work` in one transaction on a bare connection. Time-outs travel with `begin`, so that it works through a
 * transaction-mode pooler. When it rejects, nothing was committed, or the answer to `commit` was lost.
 */
export function inTransaction<T>(database: Database, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return database.withSession(async (client) => {
    await client.query(database.beginSql);
    try {
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      // frees the locks now; the connection is closed anyway, so a rollback that fails changes nothing
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  });
}

export function runStatement(
  database: Database,
  client: ClientBase,
  statement: Statement,
  values: readonly unknown[],
): Promise<QueryResult> {
  return client.query({
    text: database.toSchema(statement.sql),
    values: [...values],
    ...(database.mayPrepare && { name: statement.name }),
  });
}

import { randomUUID } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';
import { inject } from 'vitest';
import { atFileEnd } from './file-end.ts';
import { openDatabase, type Database, type DatabaseOptions } from '../../src/adapters/postgres/database.ts';

export interface TestDatabase {
  readonly url: string;
  /** Opens the program's own door to it; closed when the test file ends. */
  open(options?: Partial<DatabaseOptions>): Promise<Database>;
  /** One statement past all of the program, rows as pg gives them. */
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

const LEAK_PATIENCE_MS = 3_000;

/**
 * A database of the calling test file's own, cloned from the migrated template (`isEmpty`: without the migrations). It
 * is dropped when the file ends, which fails when a connection to it was left open.
 */
export async function createTestDatabase({ isEmpty = false } = {}): Promise<TestDatabase> {
  const { url: serverUrl, template } = inject('databaseServer');
  const name = `mallsync_test_${randomUUID().replaceAll('-', '')}`;
  await runOn(serverUrl, (client) =>
    client.query(`create database ${name} template ${isEmpty ? 'template0' : template}`),
  );
  const target = new URL(serverUrl);
  target.pathname = `/${name}`;
  const url = target.href;
  const opened: Database[] = [];
  const observer = new Client({ connectionString: url, application_name: 'test observer' });
  await observer.connect();
  atFileEnd(async () => {
    await Promise.all(opened.map((database) => database.close()));
    await observer.end();
    await runOn(serverUrl, async (client) => {
      const left = await waitForConnectionsToEnd(client, name);
      await client.query(`drop database ${name} with (force)`);
      if (left.length > 0) throw new Error(`connections were left open: ${left.join(', ')}`);
    });
  });
  return {
    url,
    async open(options = {}) {
      const defaults = { url, schema: 'mallsync', applicationName: 'mallsync test', leaseSeconds: 30 };
      const database = await openDatabase({ ...defaults, ...options });
      opened.push(database);
      return database;
    },
    query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await observer.query<Row>(sql, [...values])).rows,
  };
}

/** What is still connected after a moment in which the server notices closed sockets. */
async function waitForConnectionsToEnd(client: Client, name: string): Promise<readonly string[]> {
  const deadline = Date.now() + LEAK_PATIENCE_MS;
  for (;;) {
    const { rows } = await client.query<{ application_name: string; query: string }>(
      'select application_name, query from pg_stat_activity where datname = $1',
      [name],
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map((row) => `${row.application_name} (${row.query})`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function runOn<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

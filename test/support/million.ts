import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { inject } from 'vitest';
import { atFileEnd } from './file-end.ts';
import { openDatabase, type Database } from '../../src/adapters/postgres/database.ts';
import { FILL_STATEMENTS } from './million-sql.ts';

export interface MillionDatabase {
  readonly url: string;
  /** The program's own door to it; closed when the test file ends. */
  open(): Promise<Database>;
}

/** The morning after the last night, 06:30 in Seoul: what `nowMs` is to the generated history. */
export const MORNING_MS = Date.parse('2025-12-01T06:30:00+09:00');

/**
 * A database of 1,000 malls, 400 nights and 1,000,000 executions, for reading only: made once a server, by whichever test
 * file asks first, and dropped with the server's other test databases.
 */
export async function openMillion(): Promise<MillionDatabase> {
  const { url: serverUrl, template } = inject('databaseServer');
  const name = `${template}_million`;
  await useClient(serverUrl, async (client) => {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await build(client, serverUrl, { name, template });
  });
  const url = toUrl(serverUrl, name);
  const opened: Database[] = [];
  atFileEnd(async () => {
    await Promise.all(opened.map((database) => database.close()));
  });
  return {
    url,
    async open() {
      const settings = { url, schema: 'mallsync', applicationName: 'mallsync test', leaseSeconds: 30 };
      const database = await openDatabase({ ...settings, poolSize: 2 });
      opened.push(database);
      return database;
    },
  };
}

interface Names {
  readonly name: string;
  readonly template: string;
}

/** Under a name of its own until it is whole. */
async function build(client: Client, serverUrl: string, { name, template }: Names): Promise<void> {
  await client.query(`drop database if exists ${name}_unfinished`);
  await client.query(`create database ${name}_unfinished template ${template}`);
  await useClient(toUrl(serverUrl, `${name}_unfinished`), fill);
  await client.query(`alter database ${name}_unfinished rename to ${name}`);
}

export async function fill(client: Client): Promise<void> {
  for (const statement of FILL_STATEMENTS) await client.query(statement);
  await vacuum(client);
  await client.query('analyze');
}

const MOST_VACUUMS = 60;

/** A snapshot older than the rows, such as a worker's of autovacuum, leaves their pages to the next vacuum. */
async function vacuum(client: Client): Promise<void> {
  for (let run = 1; run <= MOST_VACUUMS; run += 1) {
    await client.query('vacuum');
    const { rowCount } = await client.query(
      `select from pg_class
       where relnamespace = 'mallsync'::regnamespace and relkind = 'r' and relallvisible < relpages`,
    );
    if (rowCount === 0) return;
    await sleep(1_000);
  }
  throw new Error('an index alone cannot answer yet: a snapshot older than the rows is kept open');
}

function toUrl(serverUrl: string, name: string): string {
  const target = new URL(serverUrl);
  target.pathname = `/${name}`;
  return target.href;
}

async function useClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return await work(client).finally(() => client.end());
}

import { Client } from 'pg';
import type { Pooler } from './pgbouncer.ts';

/** What a client that comes later to a pooled session would meet of an earlier one. */
export interface Leftovers {
  /** Settings that differ from those of a fresh session, but for those that pgbouncer itself carries over. */
  readonly settings: readonly string[];
  readonly preparedStatements: readonly string[];
  readonly channels: readonly string[];
  readonly advisoryLocks: number;
  /** Rows in temporary tables. */
  readonly temporaryRows: number;
}

const CARRIED_OVER = ['application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings'];

/** Looks into every session that the pooler has, by holding all of them at once; nobody else may need one. */
export async function readLeftovers(pooler: Pooler): Promise<readonly Leftovers[]> {
  const sessions = (await pooler.listBackends()).length;
  const clients: Client[] = [];
  try {
    for (let n = 0; n < sessions; n++) {
      const client = new Client({ connectionString: pooler.url, application_name: 'left over' });
      clients.push(client);
      await client.connect();
      await client.query('begin');
      await client.query('select 1');
    }
    return await Promise.all(clients.map(readSession));
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function readSession(client: Client): Promise<Leftovers> {
  const { rows } = await client.query<Omit<Leftovers, 'temporaryRows'> & { temporaryTables: readonly string[] }>(
    `select
       array(select name from pg_settings where source = 'session' and setting is distinct from reset_val
         and name <> all($1)) as settings,
       array(select name from pg_prepared_statements) as "preparedStatements",
       array(select pg_listening_channels()) as channels,
       (select count(*)::integer from pg_locks where pid = pg_backend_pid() and locktype = 'advisory')
         as "advisoryLocks",
       array(select relname::text from pg_class where relnamespace = pg_my_temp_schema() and relkind = 'r')
         as "temporaryTables"`,
    [CARRIED_OVER],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a session said nothing of itself');
  const { temporaryTables, ...rest } = row;
  let temporaryRows = 0;
  for (const name of temporaryTables) {
    const counted = await client.query<{ n: number }>(`select count(*)::integer as n from pg_temp.${name}`);
    temporaryRows += counted.rows[0]?.n ?? 0;
  }
  await client.query('commit');
  return { ...rest, temporaryRows };
}

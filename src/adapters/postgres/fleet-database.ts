import { sql } from 'slonik';
import { z } from 'zod';
import type { GaugeSample } from './gauge-sample.ts';
import type { QueryPool } from './pool.ts';

const serverRow = z.object({ connections: z.int(), connections_limit: z.int(), size_bytes: z.number() });

/**
 * What the database server has to give. Its connections are shared by all of its databases and users; some of them are
 * kept for superusers, and the program is refused before those.
 */
export async function loadDatabaseGauges(
  pool: QueryPool,
): Promise<Readonly<Record<`database_${keyof z.infer<typeof serverRow>}`, readonly GaugeSample[]>>> {
  const server = await pool.one(sql.type(serverRow)`
    select (select sum(numbackends)::int from pg_stat_database) as connections,
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0) as connections_limit,
      pg_database_size(current_database())::float8 as size_bytes`);
  return {
    database_connections: [{ labels: {}, value: server.connections }],
    database_connections_limit: [{ labels: {}, value: server.connections_limit }],
    database_size_bytes: [{ labels: {}, value: server.size_bytes }],
  };
}
